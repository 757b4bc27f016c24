import type { Step as TextStep } from "../text/index.ts";
import { branch, isAlive, type NodeId, type NodeRecord, type ReadStore, sameJson } from "../tree/index.ts";

type Node = Readonly<NodeRecord>;

/** What is different between two states of a tree, exactly: what is the same again in the end is not in it. */
export interface Difference {
  /** Nodes that came, went, or have other content. */
  readonly contents: Set<NodeId>;
  /** Nodes whose list of children is another. */
  readonly lists: Set<NodeId>;
  /** Nodes that stand beside others than before, or came or went: what is different in those lists. */
  readonly linked: Set<NodeId>;
  /** Nodes that have come under another parent, came or went. */
  readonly placed: Set<NodeId>;
  /** How texts have come from the one state to the other, where that is known. */
  readonly steps?: readonly TextStep[] | undefined;
}

/**
 * Compares the records of `before` with what a store holds now; what is not in `before` has not changed. `buried` is what
 * that of the store was. What comes or goes with a node above it has no other record for that: it is looked for below.
 */
export function difference(before: ReadonlyMap<NodeId, Node | undefined>, now: ReadStore, buried: number): Difference {
  const found: Difference = { contents: new Set(), lists: new Set(), linked: new Set(), placed: new Set() };
  const get = (id: NodeId) => (before.has(id) ? before.get(id) : now.get(id));
  const then: ReadStore = { root: now.root, size: 0, buried, get };
  const compare = (id: NodeId, old: Node | undefined, node: Node | undefined) => {
    if (old?.type !== node?.type || (old?.attrs !== node?.attrs && !sameJson(old?.attrs, node?.attrs)))
      found.contents.add(id);
    if (old?.parent === node?.parent && old?.prev === node?.prev && old?.next === node?.next) return;
    found.linked.add(id);
    if (old?.parent !== node?.parent) found.placed.add(id);
    for (const parent of [old?.parent, node?.parent]) if (parent) found.lists.add(parent);
  };
  for (const id of before.keys()) {
    const old = alive(then, id);
    const node = alive(now, id);
    if (old === node) continue;
    compare(id, old, node);
    if ((old && node) || (old ?? node)?.first === null) continue;
    for (const below of branch(old ? then : now, id, (one) => one.id === id || !before.has(one.id))) {
      if (below.id !== id && before.has(below.id)) continue;
      found.contents.add(below.id);
      if (below.first !== null) found.lists.add(below.id);
    }
  }
  return found;
}

/** A node that is in the tree: what is removed is kept, for undo, but nobody sees it. */
export function alive(store: ReadStore, id: NodeId): Node | undefined {
  const node = store.get(id);
  return node && isAlive(store, node) ? node : undefined;
}
