import type { IsKnown, Looks } from "./draft.ts";
import { stems } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { ReadStore } from "./store.ts";

/** So much counts a node that was not met before: its row may have to be read. One in memory is a look. */
const READ = 10;

/**
 * The outermost nodes below `top` that someone put there and the author has not seen, in document order (C6). Looks through the
 * branch; null if it has more than `most` nodes, or more than may be looked at.
 */
export function unseenBelow(
  store: ReadStore,
  top: Readonly<NodeRecord>,
  isKnown: IsKnown,
  most = Number.POSITIVE_INFINITY,
  looks?: Looks,
): NodeId[] | null {
  const unseen: NodeId[] = [];
  let looked = 0;
  for (const node of stems(store, top.id, (each) => each.id === top.id || isKnown(each))) {
    if (++looked > most || (looks && !mayLook(looks, node.id))) return null;
    if (node.id !== top.id && !isKnown(node)) unseen.push(node.id);
  }
  return unseen;
}

/** Whether one more node may be looked at; it counts as looked at then. */
export function mayLook(looks: Looks, id: NodeId): boolean {
  const cost = looks.met.has(id) ? 1 : READ;
  if (looks.left < cost) return false;
  looks.left -= cost;
  looks.met.add(id);
  return true;
}
