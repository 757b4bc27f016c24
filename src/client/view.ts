import { type Attrs, following, type NodeId, type NodeRecord, type ReadStore } from "../tree/index.ts";
import { alive, type Difference } from "./difference.ts";
import { patchChildren, walkChildren } from "./siblings.ts";

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

/** Children as they were read, and what may stand elsewhere since. */
interface List {
  readonly ids: readonly NodeId[];
  readonly linked: Set<NodeId>;
}

const NO_CHILDREN: readonly NodeId[] = Object.freeze([]);

/** Reads a store that may be another one each time, or none, and gives out the same object for the same content. */
export function createView(store: () => ReadStore | null): View {
  const nodes = new Map<NodeId, TreeNode>();
  const lists = new Map<NodeId, List>();
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
      const tree = store();
      const known = lists.get(found.id);
      if (!tree || known?.linked.size === 0) return known?.ids ?? NO_CHILDREN;
      const ids = known ? patchChildren(tree, found.id, known.ids, known.linked) : walkChildren(tree, found.first);
      lists.set(found.id, { ids: Object.freeze(ids), linked: new Set() });
      return ids;
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
    refresh({ contents, lists: changed, linked }) {
      for (const id of contents) nodes.delete(id);
      for (const id of changed) {
        const list = lists.get(id);
        if (!list) continue;
        // What has happened to the children of a node that is not there is told to nobody.
        if (contents.has(id) || list.linked.size + linked.size > list.ids.length) lists.delete(id);
        else for (const child of linked) list.linked.add(child);
      }
    },
  };
  return view;
}
