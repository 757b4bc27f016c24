import { createView, type TreeNode, type TreeReader } from "../client/view.ts";
import { fromData, type NodeData, type NodeId, toData } from "../tree/index.ts";

/** A document, or a branch of one, as it was at a moment: read as an open one is, and never another. */
export interface PastDocument extends TreeReader {
  /** It is the state right after this event. */
  readonly seq: number;
  /** How many nodes it has. */
  readonly size: number;
  /** The first node, in document order, of which the predicate is true. */
  find(predicate: (node: TreeNode) => boolean): TreeNode | undefined;
  /** A subtree as nested data, all of it or so many levels. Throws where there is no such node. */
  toData(id?: NodeId, depth?: number): NodeData;
}

/** Keeps all of it in memory, as an open document is kept. */
export function createPast(seq: number, tree: NodeData): PastDocument {
  const store = fromData(tree, noId);
  const { get, children, parent, find } = createView(() => store);
  return {
    seq,
    size: store.size,
    root: store.root,
    get,
    children,
    parent,
    find,
    toData(id = store.root, depth) {
      if (!store.get(id)) throw new Error(`there is no node ${id}`);
      return toData(store, id, depth);
    },
  };
}

function noId(): never {
  throw new Error("a node came without an id");
}
