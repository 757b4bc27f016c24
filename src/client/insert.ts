import {
  type Anchors,
  type Attrs,
  branch,
  type FlatNode,
  isAlive,
  type NodeData,
  type NodeId,
  type Operation,
  type ReadStore,
  sameJson,
  type Update,
} from "../tree/index.ts";

/** Where a node goes: under `parent`, after `after` (null: first), else before `before`, else last. */
export interface Target extends Anchors {
  readonly parent: NodeId;
}

/**
 * Inserts a flattened branch. A node that was removed comes back, with the content that it is given: what is cut and pasted has its id
 * then as before. What comes back with it and is not in the branch is removed again.
 */
export function insertBranch(
  store: ReadStore,
  flat: readonly FlatNode[],
  target: Target,
  perform: (operation: Operation) => void,
): void {
  const back = new Set<NodeId>();
  for (const [index, { id, type, attrs, parent, after }] of flat.entries()) {
    const place = index === 0 ? target : { parent, after };
    const known = store.get(id);
    const isGone = known !== undefined && !isAlive(store, known);
    if (!known || !(isGone || back.has(id))) {
      perform({ op: "insert", node: { id, type, attrs }, ...place });
      continue;
    }
    const update = between(known, { type, attrs: attrs ?? {} });
    if (isGone || known.parent !== parent || known.prev !== after) perform({ op: "move", id, ...place });
    if (isGone) for (const each of branch(store, id)) back.add(each.id);
    if (update) perform({ op: "update", id, ...update });
  }
  for (const { id } of flat) back.delete(id);
  for (const id of back) {
    const left = store.get(id);
    if (left && isAlive(store, left)) perform({ op: "remove", id });
  }
}

interface Content {
  readonly type: string;
  readonly attrs: Attrs;
}

/** What makes the content of a node another; null where it is that. */
function between(old: Content, next: Content): Omit<Update, "op" | "id"> | null {
  const attrs = Object.entries(next.attrs).filter(([key, value]) => !sameJson(old.attrs[key], value));
  const unset = Object.keys(old.attrs).filter((key) => !Object.hasOwn(next.attrs, key));
  if (attrs.length + unset.length === 0 && old.type === next.type) return null;
  return { type: next.type, attrs: Object.fromEntries(attrs), unset };
}

/** Nested data to insert as new nodes: the same without ids, which are made up then. */
export function withoutIds({ id: _, children, ...node }: NodeData): NodeData {
  return { ...node, ...(children && { children: children.map(withoutIds) }) };
}
