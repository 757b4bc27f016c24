import {
  decideText,
  fromData,
  mergeUpdate,
  mutate,
  type NodeData,
  type NodeId,
  type Operation,
  toData,
} from "../../src/tree/index.ts";
import type { Chance } from "./chance.ts";

/** A node as it stands in a tree. */
export type Standing = NodeData & { readonly id: NodeId; readonly parent: NodeId | null };

/** The nodes of a tree or branch, in document order, by their ids. */
export function nodesIn(tree: NodeData): Map<NodeId, Standing> {
  const all = new Map<NodeId, Standing>();
  const add = (node: NodeData, parent: NodeId | null) => {
    const { id = "" } = node;
    all.set(id, { ...node, id, parent });
    for (const child of node.children ?? []) add(child, id);
  };
  add(tree, null);
  return all;
}

/** What somebody needs to do something. */
export interface Hand {
  readonly chance: Chance;
  /** Something to type, which nobody has typed before. */
  key(): string;
  newId(): NodeId;
  /** Something that no attribute has had before. */
  value(): string;
}

export const ATTR = "text";

/** Something that may be done to a branch by one who sees it: whatever it is, it stays in the branch, and its top stays. */
export function deedIn(branch: NodeData, { chance, key, newId, value }: Hand): Operation {
  const { below, pick } = chance;
  const [top, ...rows] = [...nodesIn(branch).values()];
  if (!top) throw new Error("there is no branch");
  const { id, attrs } = pick(rows, top);
  const other = pick([top, ...rows], top);
  const text = String(attrs?.[ATTR] ?? "");
  const [one, two] = [below(text.length + 1), below(text.length + 1)];
  const [from, to] = [Math.min(one, two), Math.max(one, two)];
  const place = { parent: other.id, ...after(other, chance) };
  // All that the top may be is edited.
  const kind = id === top.id ? pick([3, 9, 12], 3) : below(14);
  switch (kind) {
    case 0:
      return {
        op: "mark",
        id,
        attr: ATTR,
        from,
        to,
        key: pick(["bold", "link"], "bold"),
        value: pick([true, "x", null], null),
      };
    case 1:
      return {
        op: "split",
        id,
        attr: ATTR,
        at: one,
        node: { id: newId(), type: "row" },
        ...(below(2) > 0 && { head: true }),
      };
    case 2:
      return { op: "join", id, into: other.id, attr: ATTR };
    case 3:
    case 4: {
      const child = { id: newId(), type: "row", attrs: { [ATTR]: key() } };
      const node = { id: newId(), type: "row", attrs: { [ATTR]: key() }, ...(below(3) === 0 && { children: [child] }) };
      return { op: "insert", node, ...place };
    }
    case 5:
    case 6:
    case 7:
      return { op: "move", id, ...place };
    case 8:
      return { op: "remove", id };
    case 9:
      if (below(4) === 0) return { op: "update", id, unset: ["v"], type: pick(["row", "head"], "row") };
      return { op: "update", id, attrs: { v: value(), ...(below(5) === 0 && { [ATTR]: text + key() }) } };
    default:
      return { op: "edit", id, attr: ATTR, changes: changesOf(from, below(3) > 0 ? key() : "", to - from) };
  }
}

/** Several that one does one after the other, as he sees each of them at once. */
export function deedsIn(branch: NodeData, hand: Hand, count: number): Operation[] {
  const state = fromData(branch, () => "");
  const ops: Operation[] = [];
  const texts = { decide: decideText, merge: mergeUpdate };
  for (let left = count; left > 0; left--) {
    const op = deedIn(toData(state), hand);
    if (mutate(state, [op], { seq: count - left + 1, newId: hand.newId, texts }).ok) ops.push(op);
  }
  return ops;
}

/** Behind a child, first, or wherever. */
function after({ children = [] }: NodeData, { below, pick }: Chance): { after?: NodeId | null } {
  const kind = below(4);
  if (kind === 0) return {};
  return { after: kind === 1 ? null : (pick(children, { type: "" }).id ?? null) };
}

function changesOf(at: number, inserted: string, gone: number): (number | string)[] {
  const changes = [...(at > 0 ? [at] : []), ...(inserted === "" ? [] : [inserted]), ...(gone > 0 ? [-gone] : [])];
  return changes.length > 1 || inserted !== "" || gone > 0 ? changes : ["."];
}
