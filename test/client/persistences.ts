import "fake-indexeddb/auto";
import { indexedDb } from "../../src/client/indexed-db.ts";
import { memory, type Persistence } from "../../src/client/persistence.ts";

let made = 0;

/** Every implementation, each call with nothing in it; a second one of `again` sees what the first one wrote. */
export const persistences: readonly (readonly [name: string, create: () => Again])[] = [
  [
    "memory",
    () => {
      const one = memory();
      return () => one;
    },
  ],
  [
    "IndexedDB",
    () => {
      const name = `test ${made++}`;
      return () => indexedDb({ name });
    },
  ],
];

export type Again = () => Persistence;
