import { EXPIRED } from "./expired.ts";
import { goneIn } from "./gaps.ts";
import { takeGraves } from "./graves.ts";
import { unlink } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Effect } from "./operations.ts";
import { removersOf } from "./past.ts";
import { noteUncounted } from "./size.ts";
import { missing, mustGet, type Stem, type Store, stemOf } from "./store.ts";

/**
 * An event expires: what it removed and nothing has restored since can be restored no more, and the places that it left go.
 * Returns the tops of what has to be deleted (`purge`). `marked` is called after each of them: records may be let go of then.
 */
export function expireEvent(
  store: Store,
  { seq, ops }: { readonly seq: number; readonly ops: readonly Effect[] },
  marked: () => void = () => {},
): NodeId[] {
  const tops: NodeId[] = [];
  for (const effect of ops) {
    if ((effect.op === "update" || effect.op === "edit") && effect.undo === undefined && effect.redo === undefined)
      continue;
    const id = effect.op === "insert" ? effect.node.id : effect.id;
    const node = store.get(id);
    if (!node) continue;
    store.places?.expire(store, id, seq);
    const isPut = effect.op === "insert" || effect.op === "move";
    for (const each of isPut ? takeGraves(store, node, seq) : [id]) {
      const removed = store.get(each);
      if (removed && isLastRemoval(removed, seq)) tops.push(...expireNode(store, removed, marked));
    }
  }
  return tops;
}

/** Whether nothing but events up to this one has removed a node, or put something into it since. */
function isLastRemoval(node: Readonly<NodeRecord>, seq: number): boolean {
  const { removed, past } = node;
  if (removed === null || removed === EXPIRED) return false;
  return Math.max(removed, past?.holds ?? 0, ...removersOf(node).map(Math.abs)) <= seq;
}

/**
 * A removed node can be restored no more, and has no place any more. What was removed out of it later has none then, either: it
 * expires with it. Returns the tops of all that.
 */
export function expireNode(store: Store, node: Readonly<NodeRecord>, marked: () => void = () => {}): NodeId[] {
  const tops = [node.id];
  for (const id of tops) {
    const top = mustGet(store, id);
    tops.push(...removedBeside(store, top, true));
    store.places?.forget(store, top);
    store.edit(id).removed = EXPIRED;
    marked();
  }
  return tops;
}

/**
 * Deletes at most so many nodes of a branch that has expired, the deepest first; returns how many. What was removed out of it later
 * stands in nothing then: it expires with it, and is told as one more top.
 */
export function purge(
  store: Store,
  top: NodeId,
  most: number,
  orphaned: (top: NodeId) => void,
  marked: () => void = () => {},
): number {
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
    for (const each of removedBeside(store, mustGet(store, id), id === top))
      for (const orphan of expireNode(store, mustGet(store, each), marked)) orphaned(orphan);
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

/** Removed nodes that hang at one that is about to be deleted: first of all below it, and behind it. */
function removedBeside(store: Store, { id, parent, order }: Readonly<NodeRecord>, isTop: boolean): NodeId[] {
  if (!order) return [];
  const below = order.lead === null ? [] : goneIn(store, id, order.lead);
  const behind = order.gap === null || isTop || parent === null ? [] : goneIn(store, parent, order.gap);
  return [...below, ...behind].filter((gone) => (store.get(gone)?.removed ?? EXPIRED) !== EXPIRED);
}
