import {
  clipped,
  cutsPair,
  joinMarks,
  type MarkList,
  type MarkStep,
  MOST_MARKS,
  marksAttr,
  setMark,
} from "../text/index.ts";
import { update } from "./apply.ts";
import { refuse } from "./decide.ts";
import type { Draft } from "./draft.ts";
import { inverseMarks } from "./inverse.ts";
import { marksIn, weighMarks, withMarks } from "./marks.ts";
import { type NodeId, type NodeRecord, seqIn } from "./node.ts";
import type { Kept, Mark, UpdateEffect } from "./operations.ts";
import { note, performed } from "./perform.ts";
import { type Row, rowOf } from "./text-row.ts";
import type { Refusal } from "./verdict.ts";

type Node = Readonly<NodeRecord>;

/** Decides a mark: of what is left of its range, where others have changed the text unseen. Costs what the marks of the text do. */
export function decideMark(draft: Draft, mark: Mark): Refusal | null {
  const { id, attr, from, to } = mark;
  if (from >= to)
    return refuse("invalid", `text ${attr} of node ${id}: from ${from} to ${to} there is nothing to mark`);
  for (const step of draft.context.texts?.sight?.take(mark) ?? [mark]) {
    const refusal = step.op === "mark" ? performMark(draft, step) : null;
    if (refusal) return refusal;
  }
  return null;
}

/** What of a text, or of its marks, is taken back or done again, and whose it is then. */
export type KeptOf = (node: Node, attr: string) => Kept & { readonly stands: number };

/** `kept` says what of a row is taken back, or done again. */
export function performMark(draft: Draft, step: MarkStep, kept?: KeptOf): Refusal | null {
  const { id, attr, from, to, key, value } = step;
  const row = rowOf(draft, id, attr);
  if ("code" in row) return row;
  const { node, text, burial } = row;
  const problem = problemOf(step, text);
  if (problem) return refuse("invalid", `text ${attr} of node ${id}: it ${problem}`);
  const marks = marksOfRow(row, attr);
  if ("code" in marks) return marks;
  const next = setMark(marks, step);
  const own = marksAttr(attr);
  const { stands, ...why } = kept?.(node, own) ?? {};
  const refusal = change(draft, row, attr, next, {
    mark: { attr, from, to, key, value },
    ...why,
    ...whose(own, stands),
  });
  if (!refusal && burial && !kept) note(draft, "removed", id);
  return refusal;
}

/** Whose marks stand then, where they are not this event's. */
function whose(own: string, stands: number | undefined): Pick<UpdateEffect, "stands"> {
  return stands === undefined ? {} : { stands: { attrs: stands > 0 ? { [own]: stands } : {} } };
}

function problemOf({ from, to }: MarkStep, text: string): string | null {
  if (to > text.length) return `goes to ${to} in a text of ${text.length}`;
  const cut = [from, to].find((at) => cutsPair(text, at));
  return cut === undefined ? null : `cuts the surrogate pair at ${cut - 1}`;
}

function marksOfRow({ node }: Row, attr: string): MarkList | Refusal {
  const marks = marksIn(node.attrs, attr);
  return marks ?? refuse("invalid", `attribute ${marksAttr(attr)} of node ${node.id} is no list of marks`);
}

/** The marks of a part of a text, for the row that it goes to. */
export function marksOfPart({ node }: Row, attr: string, from: number, to: number): MarkList {
  return clipped(marksIn(node.attrs, attr) ?? [], from, to);
}

/** What a row has when a text with marks was put behind its own; null where nothing has come. */
export function marksTogether(row: Row, attr: string, marks: MarkList): MarkList | Refusal | null {
  if (marks.length === 0) return null;
  const own = marksOfRow(row, attr);
  if ("code" in own) return own;
  const all = joinMarks(own, row.text.length, marks);
  return all.length > MOST_MARKS ? tooMany(row.node.id, all.length) : all;
}

/** Gives a row the marks of both texts that it has now: with `isBack` they are whose they were. */
export function appendMarks(
  draft: Draft,
  id: NodeId,
  attr: string,
  marks: MarkList | null,
  from: NodeId,
  isBack: boolean,
): Refusal | null {
  const row = rowOf(draft, id, attr);
  if ("code" in row) return row;
  const own = marksAttr(attr);
  return (
    marks &&
    change(draft, row, attr, marks, { from, ...whose(own, isBack ? (seqIn(row.node.written, own) ?? 0) : undefined) })
  );
}

function change(
  draft: Draft,
  { node }: Row,
  attr: string,
  marks: MarkList,
  why: Pick<UpdateEffect, "mark" | "from" | "undo" | "redo" | "stands">,
): Refusal | null {
  const { store, context } = draft;
  const { id } = node;
  if (marks.length > MOST_MARKS) return tooMany(id, marks.length);
  const own = marksAttr(attr);
  const effect: UpdateEffect = {
    ...{ op: "update", id },
    ...(marks.length > 0 ? { attrs: { [own]: marks } } : { unset: [own] }),
    ...why,
  };
  const inverse = inverseMarks(node, effect);
  if (!inverse) return null;
  const next = withMarks(node.attrs, attr, marks);
  const problem = context.attrsProblem?.(next, node.attrs);
  if (problem && marks.length > 0) return refuse("tooLarge", `node ${id}: ${problem}`);
  const over =
    context.budget?.writesMarks(weighMarks(next, attr)) ?? (inverse.attrs && context.budget?.dragsAttrs(inverse.attrs));
  if (over) return over;
  update(store, effect, context.seq, next);
  performed(draft, effect, inverse);
  return null;
}

const tooMany = (id: NodeId, count: number) =>
  refuse("tooLarge", `node ${id}: ${count} marks of a text, at most ${MOST_MARKS} are allowed`);
