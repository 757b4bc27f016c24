import { burialOf, isExpired } from "./above.ts";
import { attrBelow, placeBelow, placerOf, typeBelow, typerOf, writerOf } from "./below.ts";
import { rowsMadeBy, rowsOf } from "./by-node.ts";
import type { Draft, History, Step, TextUndo } from "./draft.ts";
import { backTo, isEmpty } from "./inverse.ts";
import type { Json, NodeId, NodeRecord } from "./node.ts";
import { assertNever, type InverseUpdate, type Tombstone, type Undo, type UpdateEffect } from "./operations.ts";
import { isRemoving, isUndone, placedBy, removersOf, undoneBy } from "./past.ts";
import { perform, skip } from "./perform.ts";
import { placedSince } from "./placed-since.ts";
import { bringBack, putBack, putInside } from "./put-back.ts";
import { redoStep } from "./redo.ts";
import { mustGet } from "./store.ts";
import { takeAway, takeAwayAgain } from "./take-away.ts";
import { touchOn } from "./used.ts";
import type { Refusal } from "./verdict.ts";
import { writeBack } from "./write-back.ts";

type Node = Readonly<NodeRecord>;

/**
 * Takes back what mutations did, newest first, or does again what was taken back (docs/spec.md, section U). A part that someone
 * has changed since stays, and is told. Costs what the mutations touched.
 */
export function decideUndo(draft: Draft, operation: Undo): Refusal | null {
  const { history } = draft.context;
  if (!history) return null;
  const named = history.named(operation);
  if ("code" in named) return named;
  // Done one after the other, the last one to touch an event says what becomes of it.
  const inOrder = named.toSorted(operation.op === "undo" ? (a, b) => b.seq - a.seq : (a, b) => a.seq - b.seq);
  const steps = new Map<number, { readonly op: Undo["op"]; readonly step: Step }>();
  for (const step of inOrder) {
    for (const [op, seq] of partsOf(step, operation.op)) {
      const meant = seq === step.seq ? step : history.at(seq);
      if (!meant) return history.lacks(seq);
      steps.set(seq, { op, step: meant });
    }
  }
  const all = [...steps.values()];
  const refusal = history.refuse?.(all.map(({ step }) => step));
  if (refusal) return refusal;
  const toDo = (op: Undo["op"]) => all.flatMap((each) => (each.op === op ? [each.step] : []));
  // What has come to nothing is not this one's to take back.
  const done = (of: readonly Step[], work: (step: Step) => Refusal | null): number[] | Refusal => {
    const seqs: number[] = [];
    for (const step of of) {
      const before = draft.ops.length;
      const tooMuch = work(step);
      if (tooMuch) return tooMuch;
      if (draft.ops.length > before) seqs.push(step.seq);
    }
    return seqs;
  };
  const undone = toDo("undo").sort((a, b) => b.seq - a.seq);
  const redone = toDo("redo").sort((a, b) => a.seq - b.seq);
  const texts = (history.texts ?? draft.context.texts?.undo)?.begin(draft, history, operation);
  const undoes = done(undone, (step) => undoStep(draft, history, texts, step));
  if ("code" in undoes) return undoes;
  const redoes = done(redone, (step) => redoStep(draft, texts, step));
  if ("code" in redoes) return redoes;
  if (undoes.length > 0) draft.undoes = undoes;
  if (redoes.length > 0) draft.redoes = redoes;
  texts?.end?.();
  return null;
}

/** To undo an undo is to do again what it took back, and the other way round; to redo it, that once more. It may have done both. */
function partsOf({ seq, undoes, redoes }: Step, op: Undo["op"]): (readonly [Undo["op"], number])[] {
  if (!undoes && !redoes) return [[op, seq]];
  const [back, again] = op === "undo" ? (["redo", "undo"] as const) : (["undo", "redo"] as const);
  return [
    ...(undoes ?? []).map((each) => [back, each] as const),
    ...(redoes ?? []).map((each) => [again, each] as const),
  ];
}

function undoStep(draft: Draft, history: History, texts: TextUndo | undefined, step: Step): Refusal | null {
  const { effects, inverse, seq } = step;
  const made = new Set(effects.flatMap((each) => (each.op === "insert" && !each.restores ? [each.node.id] : [])));
  const removed = new Set(effects.flatMap((each) => (each.op === "remove" ? [each.id] : [])));
  // They go back with what they were kept from.
  const followed = new Set(effects.flatMap((each) => (each.op === "move" && each.follows ? [each.id] : [])));
  // Where the event moved them besides is of no concern: they are removed (again).
  const going = new Set(inverse.flatMap((each) => (each.op === "remove" ? [each.id] : [])));
  const undoTexts = texts?.undo(step);
  // They are joined again.
  const split = rowsMadeBy(step);
  // What an event has inserted or written, and then edited, is edited back before that.
  const edits = effects.flatMap((each) => (each.op === "edit" ? [each] : []));
  const edited = new Set<NodeId>();
  const waiting: (() => void)[] = [];
  for (const each of inverse) {
    const { id } = each;
    const edit = each.op === "edit" ? edits.pop() : undefined;
    for (const row of edit ? rowsOf(edit) : []) edited.add(row);
    if (each.op === "update" && each.marks) edited.add(id);
    if (each.op === "edit" || (each.op === "update" && each.marks)) continue;
    const undo = () => {
      const node = draft.store.get(id);
      if (!node || isExpired(burialOf(draft.store, node))) skip(draft, id, "gone");
      else if (each.op === "update") undoUpdate(draft, history, step, node, each);
      else if (each.op === "remove") {
        if (each.was) undoRestore(draft, history, step, node, each.was);
        else if (!split.has(id)) undoInsert(draft, step, node, made);
      } else if (each.op !== "move") assertNever(each);
      else if (removed.delete(id)) undoRemove(draft, seq, node, each.parent);
      else if (!followed.has(id) && !going.has(id)) undoMove(draft, history, step, node);
    };
    if (edited.has(id) && !("was" in each && each.op !== "update" && each.was)) waiting.push(undo);
    else undo();
  }
  // What others have taken elsewhere stays there.
  for (const id of made) {
    const node = going.has(id) ? undefined : draft.store.get(id);
    if (node && node.removed === null && placedBy(node) > seq) skip(draft, id, "changed", placedBy(node));
  }
  // Those that were removed already have nothing that undoes them for others.
  for (const id of removed) {
    const node = draft.store.get(id);
    if (node) undoRemove(draft, seq, node);
  }
  const refusal = undoTexts?.() ?? null;
  for (const undo of waiting) undo();
  return refusal;
}

/** Notes that an event is undone, of a node that shows nothing of it. */
function noteOnly(draft: Draft, node: Node, undo: number): void {
  if (!isUndone(node, undo)) perform(draft, { op: "update", id: node.id, undo });
}

function undoUpdate(draft: Draft, history: History, step: Step, node: Node, inverse: InverseUpdate): void {
  const { id } = node;
  const { seq } = step;
  const attrs: Record<string, Json> = {};
  const unset: string[] = [];
  const stands: Record<string, number> = {};
  let blocked = 0;
  for (const key of [...Object.keys(inverse.attrs ?? {}), ...(inverse.unset ?? [])]) {
    const top = writerOf(history, node, key, step);
    if (top > seq) blocked = Math.max(blocked, top);
    if (top !== seq) continue;
    const below = attrBelow(history, node, step, key);
    if (!below) {
      skip(draft, id, "gone");
      continue;
    }
    if (below.passed !== undefined) skip(draft, id, "changed", below.passed);
    if (below.value === undefined) unset.push(key);
    else attrs[key] = below.value;
    if (below.seq > 0) stands[key] = below.seq;
  }
  const typedBy = typerOf(history, node, step);
  const type = inverse.type !== undefined && typedBy === seq ? typeBelow(history, node, step) : null;
  if (type?.passed !== undefined) skip(draft, id, "changed", type.passed);
  if (inverse.type !== undefined && typedBy > seq) blocked = Math.max(blocked, typedBy);
  if (blocked > 0) skip(draft, id, "changed", blocked);
  const effect: UpdateEffect = {
    ...{ op: "update", id },
    ...(!isEmpty(attrs) && { attrs }),
    ...(unset.length > 0 && { unset }),
    ...(type && { type: type.type }),
    undo: seq,
  };
  const marks = { attrs: stands, ...(type && { type: type.seq || undefined }) };
  if (effect.attrs || effect.unset || type) writeBack(draft, node, { ...effect, stands: marks });
  else if (blocked > 0) noteOnly(draft, node, seq);
}

/** Whether an event was undone already: by this undo, that is only another part of what the event did to the node. */
function isUndoneBefore({ context }: Draft, node: Node, seq: number): boolean {
  const by = undoneBy(node, seq);
  return by !== undefined && by !== context.seq;
}

function undoInsert(draft: Draft, step: Step, node: Node, made: ReadonlySet<NodeId>): void {
  const { store } = draft;
  const { seq } = step;
  const { id, removed } = node;
  if (isUndoneBefore(draft, node, seq)) return;
  const use = removed === null ? touchOn(store, id, made, step) : null;
  if (use) {
    skip(draft, id, use.why, use.seq);
    return;
  }
  const kept = { removers: [-seq], undo: seq };
  if (burialOf(store, node)) takeAwayAgain(draft, node, kept);
  else perform(draft, { op: "remove", id, ...kept }, backTo(node));
}

function undoRemove(draft: Draft, seq: number, node: Node, parent = node.parent): void {
  const { id, removed } = node;
  if (isUndoneBefore(draft, node, seq)) return;
  if (removed === null) {
    skip(draft, id, "changed", placedBy(node));
    return;
  }
  const removers = removersOf(node);
  const others = removers.filter((each) => each !== seq);
  if (others.length === 0) {
    if (parent !== node.parent) skip(draft, id, "changed", node.past?.left ?? node.placed);
    bringBack(draft, node, { undo: seq });
    return;
  }
  skip(draft, id, "removed", Math.abs(others[0] ?? 0));
  if (others.length < removers.length) noteOnly(draft, node, seq);
}

function undoMove(draft: Draft, history: History, step: Step, node: Node): void {
  const { seq } = step;
  const top = placerOf(history, node, step);
  if (top < seq) return;
  const stood = top === seq && node.removed === null ? placeBelow(history, node, step) : null;
  if (stood && putBack(draft, node, stood, { undo: seq })) return;
  if (!stood) skip(draft, node.id, top === seq ? "removed" : "changed", top === seq ? (node.removed ?? 0) : top);
  noteOnly(draft, node, seq);
}

function undoRestore(draft: Draft, history: History, step: Step, node: Node, was: Tombstone): void {
  const { store } = draft;
  const { seq } = step;
  const { id } = node;
  const top = placerOf(history, node, step);
  if (top < seq) return;
  if (top > seq || node.removed !== null) {
    skip(draft, id, node.removed === null ? "changed" : "removed", node.removed ?? top);
    noteOnly(draft, node, seq);
    return;
  }
  const removers = (was.removers ?? [was.removed]).filter((each) => isRemoving(node, each));
  const stood = placeBelow(history, node, step);
  if (!stood && (was.linked || removers.length === 0)) {
    skip(draft, id, "gone");
    return;
  }
  const unseen = placedSince(draft, node, seq);
  if (unseen === null) {
    skip(draft, id, "used");
    return;
  }
  if (stood && was.linked) {
    const parent = store.get(was.parent);
    const burial = parent && burialOf(store, parent);
    const removed = burial && mustGet(store, burial.grave).removed;
    // As long as that is gone because of the same removal, or gone again by this undo, it goes back into it.
    if (!parent || !burial || (removed !== was.removed && removed !== draft.context.seq)) {
      putBack(draft, node, stood, { undo: seq });
      return;
    }
    putInside(draft, node, parent, burial, stood, { undo: seq }, unseen);
    return;
  }
  const parent = stood && store.get(stood.parent);
  if (!stood || (removers.length > 0 && (!parent || burialOf(store, parent)))) {
    // Where it stood is gone as well, or nowhere, as its insert is undone, too: it is removed where it is.
    if (burialOf(store, node)) takeAwayAgain(draft, node, { removers, undo: seq });
    else takeAway(draft, node, unseen, { removers, undo: seq });
    return;
  }
  // It came back to where it had been removed, and left nothing behind.
  const isBack = node.parent === stood.parent && !node.order?.ghosts.some((ghost) => ghost.since === seq);
  if (!isBack && !putBack(draft, node, stood, { undo: seq })) return;
  if (removers.length === 0) return;
  takeAway(draft, mustGet(store, id), unseen, { removers, undo: seq });
}
