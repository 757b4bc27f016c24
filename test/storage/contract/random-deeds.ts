import { isAlive, type Operation } from "../../../src/tree/index.ts";
import type { Writer } from "../../support/writer.ts";

const PARENTS = ["root", "a", "b", "c"];

/** Something that somebody may want to do to a small document with texts: trees, texts, marks, and undo. Some of it is refused. */
export function randomDeed({ stored }: Writer, below: (most: number) => number): Operation {
  const one = (of: readonly string[]) => of[below(of.length)] ?? "a";
  const known = ["a", "b", "c", ...Array.from({ length: 8 }, (_, index) => `n${index}`)];
  const id = one(known);
  const node = stored.nodes.get(id);
  const length = typeof node?.attrs.text === "string" && isAlive(stored.nodes, node) ? node.attrs.text.length : 0;
  const at = below(length + 1);
  const parent = one(PARENTS);
  switch (below(12)) {
    case 0:
      return { op: "insert", node: { id, type: "row", attrs: { text: `text of ${id}` } }, parent, after: null };
    case 1:
      return { op: "insert", node: { type: "row", children: [{ type: "row" }] }, parent, after: one(known) };
    case 2:
      return { op: "remove", id };
    case 3:
      return { op: "move", id, parent, after: one(known) };
    case 4:
      return { op: "update", id, attrs: { x: below(3), deep: { y: below(3) } } };
    case 5:
      return below(2) === 0
        ? { op: "update", id, unset: ["x"], type: one(["row", "item"]) }
        : { op: "update", id, attrs: { text: "new" } };
    case 6:
      return { op: "split", id, attr: "text", at, node: { id: one(known), type: "row" } };
    case 7:
      return { op: "join", id, into: one(known), attr: "text" };
    case 8:
      return { op: "mark", id, attr: "text", from: at, to: length, key: "bold", value: below(2) === 0 ? true : null };
    case 9:
      return { op: below(3) === 0 ? "redo" : "undo", seqs: [1 + below(Math.max(1, stored.seq))] };
    default:
      return {
        op: "edit",
        id,
        attr: "text",
        changes: length > at && below(2) === 0 ? [at, -1] : [at, one(["ab", "c", "𝄞"])],
      };
  }
}
