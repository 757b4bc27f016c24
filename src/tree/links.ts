import type { NodeId, NodeRecord } from "./node.ts";
import { mustGet, type ReadStore, type Store } from "./store.ts";

/** Puts an unlinked node into its place: a child of `parent`, right after the child `after`, or first when null. */
export function link(store: Store, node: NodeRecord, parent: NodeId, after: NodeId | null): void {
  let next: NodeId | null;
  if (after === null) {
    const above = store.edit(parent);
    next = above.first;
    above.first = node.id;
  } else {
    const before = store.edit(after);
    next = before.next;
    before.next = node.id;
  }
  if (next === null) store.edit(parent).last = node.id;
  else store.edit(next).prev = node.id;
  node.parent = parent;
  node.prev = after;
  node.next = next;
}

/** Takes a node out of its siblings. Its own parent, prev and next stay: they tell where it stood. */
export function unlink(store: Store, node: Readonly<NodeRecord>): void {
  const { parent, prev, next } = node;
  if (parent === null) throw new Error("the root neither moves nor goes");
  if (prev === null) store.edit(parent).first = next;
  else store.edit(prev).next = next;
  if (next === null) store.edit(parent).last = prev;
  else store.edit(next).prev = prev;
}

/**
 * Whether a node stands among its parent's children: always true of a live node; true of a removed one if it went
 * with its parent and not before it. An unlinked node never has a neighbour that points at it, so one look-up tells.
 */
export function isLinked(store: ReadStore, node: Readonly<NodeRecord>): boolean {
  if (node.parent === null) return true;
  if (node.prev === null) return store.get(node.parent)?.first === node.id;
  return store.get(node.prev)?.next === node.id;
}

/**
 * The node after `node` in document order within the subtree of `top`, or undefined at its end. With `skip` the
 * children of `node` are passed over. Follows links instead of recursing: a tree may be 100 000 deep.
 */
export function following(
  store: ReadStore,
  top: NodeId,
  node: Readonly<NodeRecord>,
  skip = false,
): Readonly<NodeRecord> | undefined {
  if (!skip && node.first !== null) return mustGet(store, node.first);
  let here = node;
  while (here.id !== top) {
    if (here.next !== null) return mustGet(store, here.next);
    if (here.parent === null) return undefined;
    here = mustGet(store, here.parent);
  }
  return undefined;
}

/** Calls `visit` with every node of the subtree in document order; a node must not be unlinked meanwhile. */
export function eachInSubtree(store: ReadStore, top: NodeId, visit: (node: Readonly<NodeRecord>) => void): void {
  for (let node = store.get(top); node; node = following(store, top, node)) visit(node);
}
