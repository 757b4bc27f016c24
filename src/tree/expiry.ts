import { EXPIRED } from "./expired.ts";
import { unlink } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Effect } from "./operations.ts";
import { noteUncounted } from "./size.ts";
import { missing, mustGet, type Stem, type Store, stemOf } from "./store.ts";

/**
 * An event expires: what it removed and nothing has restored since can be restored no more, and the places that it left go.
 * Returns the tops of what has to be deleted (`purge`).
 */
export function expireEvent(
  store: Store,
  { seq, ops }: { readonly seq: number; readonly ops: readonly Effect[] },
): NodeId[] {
  const tops: NodeId[] = [];
  for (const effect of ops) {
    if (effect.op === "update") continue;
    const id = effect.op === "insert" ? effect.node.id : effect.id;
    const node = store.get(id);
    if (!node) continue;
    store.places?.expire(store, id, seq);
    if (effect.op !== "remove" || node.removed !== seq) continue;
    expireNode(store, node);
    tops.push(id);
  }
  return tops;
}

/** A removed node can be restored no more, and has no place any more. */
export function expireNode(store: Store, node: Readonly<NodeRecord>): void {
  store.places?.forget(store, node);
  store.edit(node.id).removed = EXPIRED;
}

/** Deletes at most so many nodes of a branch that has expired, the deepest first; returns how many. */
export function purge(store: Store, top: NodeId, most: number): number {
  const branch = store.get(top);
  // Its id may have been used anew.
  if (branch?.removed !== EXPIRED) return 0;
  // What was counted out of the size is not in it any more.
  const isCounted = (branch.order?.counted ?? 0) > 0;
  let purged = 0;
  for (let here: Stem = branch; purged < most; ) {
    if (here.first !== null) {
      here = stemOf(store, here.first, "below") ?? missing(here.first);
      continue;
    }
    const { id, parent } = here;
    const node = mustGet(store, id);
    store.places?.forget(store, node);
    if (id !== top) unlink(store, node);
    store.delete(id);
    if (!isCounted) store.size--;
    purged++;
    if (id === top || parent === null) break;
    here = mustGet(store, parent);
  }
  // Whoever is counting it begins anew.
  if (!isCounted && store.get(top)) noteUncounted(store, top);
  return purged;
}
