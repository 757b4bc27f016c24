import { toRows } from "../../tree/index.ts";
import type { Replica } from "../replica.ts";
import { openSaved, type Saved, type SavedSetup } from "./saved.ts";
import { type KeyValueStore, memoryStore } from "./store.ts";

/**
 * Keeps documents between visits. It is a function so that nobody loads what keeps documents who keeps none: make one
 * with `indexedDb`, `memory` or `persistence`.
 */
export type Persistence = (
  setup: Omit<SavedSetup, "store" | "current">,
  replica: () => Pick<Replica, "incarnation" | "seq" | "confirmed"> | null,
) => Promise<Saved>;

/** Persistence in a store of one's own. */
export function persistence(store: KeyValueStore): Persistence {
  return (setup, replica) => {
    const current = () => {
      const { incarnation, seq, confirmed } = replica() ?? {};
      if (incarnation === undefined || seq === undefined || !confirmed) return null;
      return { incarnation, seq, rows: [...toRows(confirmed)] };
    };
    return openSaved({ ...setup, store, current });
  };
}

/** Persistence that lasts as long as what this returns: for tests, and for opening a document again within one page. */
export function memory(): Persistence {
  return persistence(memoryStore());
}
