import { type Changes, type MarkList, marksAttr, normalize, problemOf, type Step as TextStep } from "../text/index.ts";
import type { Burial } from "./above.ts";
import { edited, editRecord, insertNew } from "./apply.ts";
import { decide, findCycle, refuse, refuseNodes } from "./decide.ts";
import { appendMarks, decideMark, type KeptOf, marksOfPart, marksTogether, performMark } from "./decide-mark.ts";
import type { Draft } from "./draft.ts";
import { inverseEdit } from "./inverse.ts";
import { withMarks } from "./marks.ts";
import type { Attrs, NodeId, NodeRecord } from "./node.ts";
import {
  type Anchors,
  assertNever,
  type Edit,
  type EditEffect,
  type Join,
  type Kept,
  type Place,
  type Split,
  type TextOperation,
} from "./operations.ts";
import { insertEffect, note, performed } from "./perform.ts";
import { resolveAnchors, whereItStood } from "./place.ts";
import { mustGet } from "./store.ts";
import { takeAway } from "./take-away.ts";
import { type Row, rowOf } from "./text-row.ts";
import { textIn } from "./texts.ts";
import type { Refusal } from "./verdict.ts";

type Node = Readonly<NodeRecord>;

/**
 * Decides an operation on texts (docs/spec.md, section X): what it comes to behind what its author has not seen, as steps, and what
 * these do to rows. Costs what the texts take that are changed, and a join what a move of each child does.
 */
export function decideText(draft: Draft, operation: TextOperation): Refusal | null {
  switch (operation.op) {
    case "edit":
      return decideEdit(draft, operation);
    case "split":
      return decideSplit(draft, operation);
    case "join":
      return decideJoin(draft, operation);
    case "mark":
      return decideMark(draft, operation);
    default:
      return assertNever(operation);
  }
}

function decideEdit(draft: Draft, { id, attr, changes }: Edit): Refusal | null {
  return perform(draft, { op: "edit", id, attr, changes: normalize(changes) });
}

function decideSplit(draft: Draft, { id, attr, at, node, head }: Split): Refusal | null {
  if (node.attrs && Object.hasOwn(node.attrs, attr)) return refuse("invalid", `what ${attr} is comes from node ${id}`);
  if (node.attrs && Object.hasOwn(node.attrs, marksAttr(attr)))
    return refuse("invalid", `what marks ${attr} has comes from node ${id}`);
  const row = { ...node, id: node.id ?? draft.context.newId() };
  const length = lengthSeenBy(draft, attr)(id);
  return perform(draft, { op: "split", id, attr, at, length, node: row.id, ...(head && { head }) }, row);
}

function decideJoin(draft: Draft, { id, into, attr }: Join): Refusal | null {
  if (id === into) return refuse("invalid", `node ${id} cannot be joined to itself`);
  const length = lengthSeenBy(draft, attr);
  return perform(draft, { op: "join", id, into, attr, at: length(into), length: length(id) });
}

/** How long texts were for the author. */
function lengthSeenBy({ store, context }: Draft, attr: string): (id: NodeId) => number {
  const sight = context.texts?.sight;
  const now = (id: NodeId) => textIn(store.get(id)?.attrs ?? {}, attr)?.length ?? 0;
  return sight ? (id) => sight.lengthOf(id, attr, now(id)) : now;
}

/** A row that a split makes. */
interface NewRow {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs?: Attrs | undefined;
}

/** Does what a step of the author comes to. */
function perform(draft: Draft, step: TextStep, row?: NewRow): Refusal | null {
  const { store, context } = draft;
  const sight = context.texts?.sight;
  const before = draft.ops.length;
  const isBehind = sight !== undefined && sight.size > 0;
  for (const each of sight ? sight.take(step) : [step]) {
    const refusal = performStep(draft, each, { row });
    if (refusal) return refusal;
  }
  const { id, attr } = step;
  // What others have left nothing of is in the log all the same: what its author does next stands behind it.
  if (isBehind && draft.ops.length === before && store.get(id)) standBehind(draft, id, attr);
  return null;
}

/** Says that a text was edited, and nothing came of it. */
export function standBehind(draft: Draft, id: NodeId, attr: string): void {
  const nothing = { op: "edit", id, attr, changes: [] } as const;
  performed(draft, nothing, nothing);
}

export interface How {
  /** The row that a split makes. */
  readonly row?: NewRow | undefined;
  /** It takes back what an event did, or does it again: of each text that it changes, what is kept of that. */
  readonly kept?: KeptOf | undefined;
  /** Then of the joined rows only this one goes. */
  readonly goes?: NodeId | undefined;
}

/** Does a step that stands behind everything; or says why not, and has done nothing then. */
export function performStep(draft: Draft, step: TextStep, how: How = {}): Refusal | null {
  switch (step.op) {
    case "edit":
      return performEdit(draft, step, how);
    case "split":
      return performSplit(draft, step, how);
    case "join":
      return performJoin(draft, step, how);
    case "mark":
      return performMark(draft, step, how.kept);
    default:
      return assertNever(step);
  }
}

function performEdit(draft: Draft, step: Extract<TextStep, { op: "edit" }>, how: How): Refusal | null {
  const { id, attr, changes } = step;
  const row = rowOf(draft, id, attr);
  if ("code" in row) return row;
  const problem = problemOf(changes, row.text);
  if (problem) return refuse("invalid", `attribute ${attr} of node ${id}: it ${problem}`);
  return editRow(draft, row, { op: "edit", id, attr, changes }, how);
}

/** Changes a text, and says so if nobody sees it. */
function editRow(draft: Draft, { node, burial }: Row, edit: EditEffect, { kept }: How): Refusal | null {
  const { store, context } = draft;
  const effect = kept ? { ...edit, ...kept(node, edit.attr) } : edit;
  const { id, changes, split, join } = effect;
  if (changes.length === 0 && !split && !join) return null;
  const next = edited(node.attrs, effect);
  const inverse = inverseEdit(node, effect);
  const [come, gone] = [textsOf(changes), textsOf(inverse.changes)];
  const isAll = next[marksAttr(effect.attr)] === node.attrs[marksAttr(effect.attr)];
  const problem = context.attrsProblem?.(next, node.attrs, isAll ? { come, gone } : undefined);
  // What takes away alone is measured for what comes next, and never too much.
  if (problem && come !== "") return refuse("tooLarge", `node ${id}: ${problem}`);
  editRecord(store, store.edit(id, node), effect, context.seq, next);
  store.provenance?.edited(store.edit(id), effect, context.seq);
  performed(draft, effect, inverse);
  if (burial && !kept) note(draft, "removed", id);
  return null;
}

function textsOf(changes: Changes): string {
  return changes.filter((change) => typeof change === "string").join("");
}

function performSplit(draft: Draft, step: Extract<TextStep, { op: "split" }>, how: How): Refusal | null {
  const { row } = how;
  const { id, attr, at, head } = step;
  const old = rowOf(draft, id, attr);
  if ("code" in old) return old;
  const { text } = old;
  const cut: Changes = head ? [-at] : [at, at - text.length];
  const problem = at > text.length ? `goes to ${at} in a text of ${text.length}` : problemOf(cut, text);
  if (problem) return refuse("invalid", `attribute ${attr} of node ${id}: it ${problem}`);
  const moved = head ? text.slice(0, at) : text.slice(at);
  const marks = head ? marksOfPart(old, attr, 0, at) : marksOfPart(old, attr, at, text.length);
  const split = { at, length: text.length, node: step.node, ...(head && { head }) };
  const effect: EditEffect = { op: "edit", id, attr, changes: normalize(cut), split };
  if (!row || row.id !== step.node) {
    // The row is there: it has lost its text by a join that this takes back.
    const onto = textIn(draft.store.get(step.node)?.attrs ?? {}, attr)?.length;
    const back = onto ? { ...effect, split: { ...split, onto } } : effect;
    const target = rowOf(draft, step.node, attr);
    return "code" in target ? target : carryOver(draft, [old, back], target, { text: moved, marks }, how);
  }
  const place = placeOfRow(draft, old, head ? { before: id } : { after: id });
  if ("code" in place) return place;
  const node = { ...row, attrs: withMarks({ ...row.attrs, [attr]: moved }, attr, marks) };
  const flat = { ...node, parent: place.parent, after: place.after };
  const refusal = refuseNodes(draft, [flat]) ?? draft.context.keeper?.tooDeep(draft.store, place.parent, [flat]);
  return refusal ?? editRow(draft, old, effect, how) ?? insertRow(draft, node, place, old);
}

/** Where the other row of a split stands; what is removed is split where it stood. */
function placeOfRow({ store, context }: Draft, { node, burial }: Row, anchors: Anchors): Place | Refusal {
  if (node.parent === null) return refuse("root", "the root has nobody beside it");
  if (!burial) return resolveAnchors(store, mustGet(store, node.parent), anchors);
  if (context.conflicts === "reject") return refuse("removed", `node ${node.id} is removed`);
  return whereItStood(store, mustGet(store, burial.top), anchors);
}

function insertRow(draft: Draft, node: NewRow, place: Place, { burial }: Row): null {
  const { store, context } = draft;
  const effect = insertEffect(node, place);
  insertNew(store, effect, context.seq);
  performed(draft, effect, { op: "remove", id: node.id, was: null });
  if (!burial) return null;
  // Both are gone, and who restores the one finds the other beside it.
  note(draft, "removed", node.id);
  takeAway(draft, mustGet(store, node.id), []);
  return null;
}

/** Takes a text from one row, with its marks, and puts it behind what another one has. */
function carryOver(
  draft: Draft,
  [row, edit]: readonly [Row, EditEffect],
  into: Row,
  goes: Part,
  how: How,
): Refusal | null {
  const { id, attr } = edit;
  const marks = marksTogether(into, attr, goes.marks);
  if (marks && "code" in marks) return marks;
  const changes = normalize([into.text.length, goes.text]);
  const put: EditEffect = { op: "edit", id: into.node.id, attr, changes, from: id };
  // What others have put into a row that is joined again is in the other one from now on.
  const { kept } = how;
  const { stands = 0, undo }: Partial<ReturnType<KeptOf>> = (edit.join && kept?.(row.node, attr)) ?? {};
  const theirs = stands === undo ? 0 : stands;
  const both: KeptOf | undefined =
    kept && ((...of) => ({ ...kept(...of), stands: Math.max(kept(...of).stands, theirs) }));
  return (
    editRow(draft, row, edit, how) ??
    (changes.length === 0 ? null : editRow(draft, into, put, { ...how, kept: both })) ??
    appendMarks(draft, into.node.id, attr, marks, id, how.kept !== undefined)
  );
}

/** A part of a text that goes elsewhere. */
interface Part {
  readonly text: string;
  readonly marks: MarkList;
}

function performJoin(draft: Draft, step: Extract<TextStep, { op: "join" }>, how: How): Refusal | null {
  const { store } = draft;
  const { id, into, attr } = step;
  const row = rowOf(draft, id, attr);
  if ("code" in row) return row;
  if (row.node.parent === null) return refuse("root", "the root cannot be joined to another node");
  const target = rowOf(draft, into, attr);
  if ("code" in target) return target;
  // Where only a text is taken over, both rows stay where they are.
  const isTaken = how.kept !== undefined && how.goes !== id;
  const cycle = isTaken ? null : findCycle(draft, row.node, target.node, row.burial !== null || target.burial !== null);
  if (cycle) return cycle;
  const { text } = row;
  const join = { into, at: target.text.length };
  const edit: EditEffect = { op: "edit", id, attr, changes: normalize([-text.length]), join };
  const goes = { text, marks: marksOfPart(row, attr, 0, text.length) };
  const refusal = carryOver(draft, [row, edit], target, goes, how);
  if (refusal || isTaken) return refusal;
  return joinRows(draft, mustGet(store, id), into, row.burial, how.kept?.(row.node, attr));
}

/** The children of a row go behind those of another, and it is removed; from what is removed already only its text has come. */
function joinRows(
  draft: Draft,
  { id, first }: Node,
  into: NodeId,
  burial: Burial | null,
  { undo, redo }: Kept = {},
): Refusal | null {
  const { store, context } = draft;
  if (burial) {
    context.keeper?.removeOnceMore(draft, mustGet(store, id), burial);
    return null;
  }
  for (let child = first; child !== null; ) {
    const { next } = mustGet(store, child);
    const refusal = context.budget?.dragsChild() ?? decide(draft, { op: "move", id: child, parent: into });
    if (refusal) return refusal;
    child = next;
  }
  // What undoes a split is what undoes the insert of its row.
  const kept = undo === undefined ? { redo } : { undo, removers: [-undo] };
  takeAway(draft, mustGet(store, id), [], undo === undefined && redo === undefined ? {} : kept);
  return null;
}
