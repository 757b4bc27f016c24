import type { DocumentEvents, TreeDocument } from "./document.ts";

/** What an iterator holds for a reader who is busy. */
const MOST_WAITING = 10_000;

/**
 * The events of a document as an iterator: `for await (const event of stream(document, "event"))`. It ends when the
 * document is closed, by whomever; it throws when 10 000 wait for a reader who is too slow.
 */
export function stream<Name extends keyof DocumentEvents>(
  document: TreeDocument,
  name: Name,
): AsyncIterableIterator<DocumentEvents[Name]> {
  type Result = IteratorResult<DocumentEvents[Name]>;
  const waiting: DocumentEvents[Name][] = [];
  const readers: { resolve: (result: Result) => void; reject: (error: Error) => void }[] = [];
  const over: Result = { done: true, value: undefined };
  let ended = document.status.state === "closed";
  let overrun = false;
  const stop = () => {
    ended = true;
    for (const off of offs) off();
    for (const { resolve } of readers.splice(0)) resolve(over);
  };
  const offs = [
    document.on(name, (event) => {
      const reader = readers.shift();
      if (reader) reader.resolve({ done: false, value: event });
      else if (waiting.push(event) > MOST_WAITING) {
        overrun = true;
        waiting.length = 0;
        stop();
      }
    }),
    document.on("status", ({ state }) => {
      if (state === "closed") stop();
    }),
  ];
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (overrun) return reject(new Error(`more than ${MOST_WAITING} events waited to be read`));
        const [event] = waiting.splice(0, 1);
        if (event !== undefined) resolve({ done: false, value: event });
        else if (ended) resolve(over);
        else readers.push({ resolve, reject });
      }),
    async return() {
      stop();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
