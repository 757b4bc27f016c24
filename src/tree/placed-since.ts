import type { Draft } from "./draft.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Place } from "./operations.ts";
import { wasSeenThere } from "./past.ts";
import { mustGet, type Store } from "./store.ts";
import { unseenBelow } from "./unseen.ts";

/** Where a node stood beside a removed one, until undoing an event took it away from there. */
export function cameFrom(
  store: Store,
  above: Readonly<NodeRecord>,
  { id, order }: Readonly<NodeRecord>,
  of: number | undefined,
): Place | null {
  if (!store.places || of === undefined) return null;
  const isThere = order?.ghosts.some((ghost) => ghost.parent === above.id && ghost.of === of);
  return isThere ? store.places.behind(store, above, id, { of }) : null;
}

/** The outermost nodes below that were put there after an event, or were kept from it: null where that is too much to find out. */
export function placedSince(
  { store, context }: Draft,
  node: Readonly<NodeRecord>,
  seq: number,
  kept: readonly NodeId[] = [],
): NodeId[] | null {
  // What this mutation itself has placed, it has seen.
  const sees = (other: number) => other <= seq || other === context.seq;
  const isKnown = ({ id, placed }: Pick<NodeRecord, "id" | "placed">) => !kept.includes(id) && sees(placed);
  const find = (top: Readonly<NodeRecord>) =>
    context.keeper ? context.keeper.placedSince(store, top, isKnown, seq, kept) : unseenBelow(store, top, isKnown);
  return newOnes(store, node, find, (each) => !kept.includes(each.id) && wasSeenThere(each, sees));
}

/**
 * Of what was placed unseen below a node: but for what had been seen there before it went and came back. In that there may be more.
 */
export function newOnes(
  store: Store,
  top: Readonly<NodeRecord>,
  find: (top: Readonly<NodeRecord>) => NodeId[] | null,
  isOld: (node: Readonly<NodeRecord>) => boolean,
): NodeId[] | null {
  const found: NodeId[] = [];
  const pending = find(top)?.reverse();
  if (!pending) return null;
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = mustGet(store, id);
    if (!isOld(node)) {
      found.push(id);
      continue;
    }
    const inside = node.first === null ? [] : find(node);
    if (!inside) return null;
    pending.push(...inside.reverse());
  }
  return found;
}
