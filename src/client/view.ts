import { type Attrs, following, type NodeId, type NodeRecord, type ReadStore } from "../tree/index.ts";
import { alive, type Difference } from "./difference.ts";

/** The content of a node. Never written to: when it changes there is another object, and as long as not, this one. */
export interface TreeNode {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs: Attrs;
}

/** A tree as applications read it. Without an id the root is meant; nodes that are not there give undefined, and no children. */
export interface TreeReader {
  /** Undefined as long as the document has not arrived. */
  readonly root: NodeId | undefined;
  get(id?: NodeId): TreeNode | undefined;
  /** The ids of the children in order. */
  children(id?: NodeId): readonly NodeId[];
  /** Null for the root. */
  parent(id: NodeId): NodeId | null | undefined;
}

export interface View extends TreeReader {
  /** The first node, in document order, of which the predicate is true. Looks at every node before it. */
  find(predicate: (node: TreeNode) => boolean): TreeNode | undefined;
  /** Forgets what was read of everything that has changed. */
  refresh(changed: Difference): void;
}

const NO_CHILDREN: readonly NodeId[] = Object.freeze([]);

/** Reads a store that may be another one each time, or none, and gives out the same object for the same content. */
export function createView(store: () => ReadStore | null): View {
  const nodes = new Map<NodeId, TreeNode>();
  const lists = new Map<NodeId, readonly NodeId[]>();
  const record = (id: NodeId | undefined) => {
    const tree = store();
    return tree && id !== undefined ? alive(tree, id) : undefined;
  };
  const nodeOf = ({ id, type, attrs }: Readonly<NodeRecord>): TreeNode => {
    const known = nodes.get(id);
    if (known) return known;
    const node = Object.freeze({ id, type, attrs: Object.freeze(attrs) });
    nodes.set(id, node);
    return node;
  };
  const view: View = {
    get root() {
      return store()?.root;
    },
    get(id = view.root) {
      const found = record(id);
      return found && nodeOf(found);
    },
    children(id = view.root) {
      const found = record(id);
      if (!found || found.first === null) return NO_CHILDREN;
      const known = lists.get(found.id);
      if (known) return known;
      const list: NodeId[] = [];
      for (let child: NodeId | null = found.first; child !== null; child = store()?.get(child)?.next ?? null)
        list.push(child);
      Object.freeze(list);
      lists.set(found.id, list);
      return list;
    },
    parent: (id) => record(id)?.parent,
    find(predicate) {
      const tree = store();
      if (!tree) return undefined;
      let here = tree.get(tree.root);
      for (; here; here = following(tree, tree.root, here)) {
        const node = nodeOf(here);
        if (predicate(node)) return node;
      }
      return undefined;
    },
    refresh({ contents, lists: changed }) {
      for (const id of contents) nodes.delete(id);
      for (const id of changed) lists.delete(id);
    },
  };
  return view;
}
