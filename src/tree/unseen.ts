import type { IsKnown } from "./draft.ts";
import { branch } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { ReadStore } from "./store.ts";

/**
 * The outermost nodes below `top` that someone put there and the author has not seen, in document order (C6). Looks through the
 * branch; null if it has more than so many nodes.
 */
export function unseenBelow(
  store: ReadStore,
  top: Readonly<NodeRecord>,
  isKnown: IsKnown,
  most = Number.POSITIVE_INFINITY,
): NodeId[] | null {
  const unseen: NodeId[] = [];
  let nodes = 0;
  for (const node of branch(store, top.id, (each) => each.id === top.id || isKnown(each))) {
    if (++nodes > most) return null;
    if (node.id !== top.id && !isKnown(node)) unseen.push(node.id);
  }
  return unseen;
}
