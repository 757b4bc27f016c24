/** What an iterator holds for a reader who is busy. */
const MOST_WAITING = 10_000;

/**
 * Turns listening into iterating: `listen` is given what to call, and gives back how to stop. Iteration ends with
 * `stop`; it throws when 10 000 events wait for a reader who is too slow.
 */
export function streamOf<T>(
  listen: (next: (event: T) => void, stop: () => void) => () => void,
): AsyncIterableIterator<T> {
  const waiting: T[] = [];
  const readers: { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void }[] = [];
  const over: IteratorResult<T> = { done: true, value: undefined };
  let ended = false;
  let overrun = false;
  const stop = () => {
    ended = true;
    unlisten();
    for (const { resolve } of readers.splice(0)) resolve(over);
  };
  const next = (event: T) => {
    const reader = readers.shift();
    if (reader) reader.resolve({ done: false, value: event });
    else if (waiting.push(event) > MOST_WAITING) {
      overrun = true;
      waiting.length = 0;
      stop();
    }
  };
  const unlisten = listen(next, stop);
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
