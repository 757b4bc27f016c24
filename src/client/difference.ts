import type { Json, NodeId, NodeRecord, ReadStore } from "../tree/index.ts";

type Node = Readonly<NodeRecord>;

/** What is different between two states of a tree, exactly: what is the same again in the end is not in it. */
export interface Difference {
  /** Nodes that came, went, or have other content. */
  readonly contents: Set<NodeId>;
  /** Nodes whose list of children is another. */
  readonly lists: Set<NodeId>;
  /** Nodes that have come under another parent, came or went. */
  readonly placed: Set<NodeId>;
}

/** Compares the records of `before` with what a store holds now; what is not in `before` has not changed. */
export function difference(before: ReadonlyMap<NodeId, Node | undefined>, now: ReadStore): Difference {
  const found: Difference = { contents: new Set(), lists: new Set(), placed: new Set() };
  for (const [id, record] of before) {
    const old = alive(record);
    const node = alive(now.get(id));
    if (old === node) continue;
    if (old?.type !== node?.type || (old?.attrs !== node?.attrs && !sameJson(old?.attrs, node?.attrs)))
      found.contents.add(id);
    if (old?.parent === node?.parent && old?.prev === node?.prev && old?.next === node?.next) continue;
    if (old?.parent !== node?.parent) found.placed.add(id);
    for (const parent of [old?.parent, node?.parent]) if (parent) found.lists.add(parent);
  }
  return found;
}

/** A record that is in the tree: removed ones are kept, for undo, but nobody sees them. */
export function alive(record: Node | undefined): Node | undefined {
  return record && record.removed === null ? record : undefined;
}

/** Whether two JSON values are equal, in whatever order their keys are; their depth is limited where they come in. */
function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  if (left.length !== right.size || Array.isArray(a) !== Array.isArray(b)) return false;
  return left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}
