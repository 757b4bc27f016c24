import { once } from "node:events";
import { WebSocket } from "ws";

/** What a server sends. */
export interface Heard {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  readonly role?: string;
  readonly expires?: number;
}

/** A connection that has sent its `join`. */
export interface Connection {
  /** What it heard first. */
  readonly first: Heard;
  /** The same where it was welcomed. */
  readonly welcome: Heard | null;
  readonly protocol: string;
  send(message: object): void;
  /** Waits for a message of a kind that nobody has taken yet. */
  take(type: string): Promise<Heard>;
  close(): void;
  /** The number that it was closed with. */
  ended(): Promise<number>;
}

/** Connects and joins, and waits for the first answer. */
export async function connect(
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Connection> {
  const socket = new WebSocket(url.replace("http", "ws"), [...protocols], { headers });
  const ended = once(socket, "close").then(([code]) => Number(code));
  const heard: Heard[] = [];
  socket.on("open", () => socket.send(`{"type":"join","protocol":2,"client":"${crypto.randomUUID()}","keeps":0}`));
  socket.on("message", (data) => heard.push(JSON.parse(String(data))));
  const next = async (wanted: (message: Heard) => boolean): Promise<Heard> => {
    for (;;) {
      const found = heard.find(wanted);
      if (found) {
        heard.splice(heard.indexOf(found), 1);
        return found;
      }
      await once(socket, "message", { signal: AbortSignal.timeout(10_000) });
    }
  };
  const first = await next(() => true);
  return {
    first,
    welcome: first.type === "welcome" ? first : null,
    protocol: socket.protocol,
    send: (message) => socket.send(JSON.stringify(message)),
    take: (type) => next((message) => message.type === type),
    close: () => socket.close(1000),
    ended: () => ended,
  };
}
