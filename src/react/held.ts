import { type OpenOptions, openDocument, type Token, type TreeDocument } from "../client/index.ts";

/** A document that is open as long as somebody holds it, and then closed for good. */
export interface Held {
  readonly url: string;
  readonly document: TreeDocument;
  readonly over: boolean;
  /** Connects it, the first time. What is returned lets go. */
  hold(): () => void;
  /** The same once more, for when it is over. */
  again(): Held;
}

/** Has no effect on anything before it is held, so a render that comes to nothing may make one. `token` is asked at each connection. */
export function createHeld(url: string, options: OpenOptions, token: () => Token | undefined): Held {
  const document = openDocument(url, {
    ...options,
    connect: false,
    get token() {
      return token();
    },
  });
  let holders = 0;
  let begun = options.connect === false;
  let over = false;
  return {
    url,
    document,
    get over() {
      return over;
    },
    hold() {
      holders++;
      if (!begun) document.connect();
      begun = true;
      return () => {
        holders--;
        // Strict Mode and hot reloading let go and hold again at once: that is to cost no connection.
        setTimeout(() => {
          if (holders > 0 || over) return;
          over = true;
          void document.close();
        });
      };
    },
    again: () => createHeld(url, options, token),
  };
}
