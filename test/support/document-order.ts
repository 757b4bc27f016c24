import { eachInSubtree, type NodeId, type ReadStore } from "../../src/tree/index.ts";

/** The ids of a tree in document order. */
export function documentOrder(store: ReadStore): NodeId[] {
  const ids: NodeId[] = [];
  eachInSubtree(store, store.root, ({ id }) => ids.push(id));
  return ids;
}
