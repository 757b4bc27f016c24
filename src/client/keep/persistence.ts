import { toRows } from "../../tree/index.ts";
import type { Platform } from "../connection/platform.ts";
import type { Replica } from "../replica.ts";
import { openSaved, type Saved, type SavedSetup } from "./saved.ts";
import { type KeyValueStore, memoryStore } from "./store.ts";

/**
 * Keeps documents between visits. It is a function so that nobody loads what keeps documents who keeps none: make one
 * with `indexedDb`, `memory` or `persistence`.
 */
export type Persistence = (
  setup: Omit<SavedSetup, "store" | "current"> & Pick<Platform, "after">,
  replica: () => Pick<Replica, "incarnation" | "seq" | "confirmed"> | null,
) => Promise<Saved>;

/** Milliseconds that a store may take to be read: an IndexedDB that another page holds up may never answer. */
const PATIENCE = 10_000;

/** Persistence in a store of one's own. */
export function persistence(store: KeyValueStore): Persistence {
  return ({ after, ...setup }, replica) => {
    const current = () => {
      const { incarnation, seq, confirmed } = replica() ?? {};
      if (incarnation === undefined || seq === undefined || !confirmed) return null;
      return { incarnation, seq, rows: [...toRows(confirmed)] };
    };
    return inTime(openSaved({ ...setup, store, current }), after, setup.failed);
  };
}

function inTime(opening: Promise<Saved>, after: Platform["after"], failed: (error: unknown) => void): Promise<Saved> {
  return new Promise((resolve, reject) => {
    let late = false;
    const cancel = after(PATIENCE, () => {
      late = true;
      reject(new Error("what was kept could not be read in time: this visit goes on without, and keeps nothing"));
    });
    opening.finally(cancel).then((saved) => (late ? saved.close().catch(failed) : resolve(saved)), reject);
  });
}

/** Persistence that lasts as long as what this returns: for tests, and for opening a document again within one page. */
export function memory(): Persistence {
  return persistence(memoryStore());
}
