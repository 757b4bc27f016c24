import type { IsKnown, Looks } from "./draft.ts";
import { branch } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { ReadStore } from "./store.ts";

/**
 * The outermost nodes below `top` that someone put there and the author has not seen, in document order (C6). Looks through the
 * branch; null if it has more nodes than may be looked at.
 */
export function unseenBelow(
  store: ReadStore,
  top: Readonly<NodeRecord>,
  isKnown: IsKnown,
  looks: Looks = { left: Number.POSITIVE_INFINITY },
): NodeId[] | null {
  const unseen: NodeId[] = [];
  for (const node of branch(store, top.id, (each) => each.id === top.id || isKnown(each))) {
    if (!mayLook(looks)) return null;
    if (node.id !== top.id && !isKnown(node)) unseen.push(node.id);
  }
  return unseen;
}

/** Whether one more node may be looked at; it counts as looked at then. */
export function mayLook(looks: Looks): boolean {
  if (looks.left === 0) return false;
  looks.left--;
  return true;
}
