import type { Subscriber } from "./subscriber.ts";

/** When the first of the connections is over: asked for after everything that happens, so it is looked for only when it has changed. */
export interface Expiry {
  /** Unix milliseconds; infinite where none ends. */
  readonly first: number;
  added(subscriber: Subscriber): void;
  /** Of this one it does not count any more what it was. */
  left(subscriber: Subscriber): void;
}

export function createExpiry(all: () => Iterable<Subscriber>): Expiry {
  let first: number | null = null;
  return {
    get first() {
      if (first !== null) return first;
      first = Number.POSITIVE_INFINITY;
      for (const each of all()) first = Math.min(first, expiryOf(each));
      return first;
    },
    added(subscriber) {
      if (first !== null) first = Math.min(first, expiryOf(subscriber));
    },
    left(subscriber) {
      if (first === subscriber.principal.expires) first = null;
    },
  };
}

function expiryOf({ principal: { expires } }: Subscriber): number {
  return expires ?? Number.POSITIVE_INFINITY;
}
