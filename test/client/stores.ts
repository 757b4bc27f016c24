import "fake-indexeddb/auto";
import { indexedDbStore } from "../../src/client/keep/indexed-db.ts";
import { type KeyValueStore, memoryStore } from "../../src/client/keep/store.ts";

let made = 0;

/** Every implementation, each call with nothing in it; a second one of `again` sees what the first one wrote. */
export const stores: readonly (readonly [name: string, create: () => Again])[] = [
  [
    "memoryStore",
    () => {
      const one = memoryStore();
      return () => one;
    },
  ],
  [
    "IndexedDB",
    () => {
      const name = `test ${made++}`;
      return () => indexedDbStore({ name });
    },
  ],
];

export type Again = () => KeyValueStore;
