import type { Step as TextStep } from "../text/index.ts";
import { burialOf, isExpired } from "./above.ts";
import { MET_TOO_MUCH, OVER } from "./budget.ts";
import { effectsOn, idOf, inversesOn, rowsMadeBy } from "./by-node.ts";
import type { KeptOf } from "./decide-mark.ts";
import { type How, performStep, standBehind } from "./decide-text.ts";
import type { Draft, History, Step, TextHistory } from "./draft.ts";
import { createLater, isOfText, type Later, type TextEffect, type TextsAt } from "./later.ts";
import { createLayer } from "./layer.ts";
import { isOfMarks } from "./marks.ts";
import { type NodeId, type NodeRecord, seqIn } from "./node.ts";
import type { EditEffect, Inverse, Kept } from "./operations.ts";
import { isUndone, placedBy, redoneBy, undoneBy } from "./past.ts";
import { perform, skip } from "./perform.ts";
import { namesAttr } from "./steps.ts";
import { mustGet } from "./store.ts";
import type { Refusal, Skipped } from "./verdict.ts";

type Node = Readonly<NodeRecord>;

/** Undo of texts, for who knows what events have done to them. */
export function undoTexts(textsAt: TextsAt): TextHistory {
  return {
    begin(draft, history, { shown = [] }) {
      const later = createLater(draft, textsAt, history.at);
      return {
        undo: (step) => undoing(draft, history, later, step),
        redo: (step) => redoing(draft, history, later, step),
        end() {
          if (draft.inverse.some(({ op }) => op === "edit")) return;
          // What its author has seen of it is in the log all the same.
          const seen = shown.find((step) => step.op !== "mark" && draft.store.get(step.id));
          if (!seen) return;
          standBehind(draft, seen.id, seen.attr);
          draft.undoes ??= [];
        },
      };
    },
  };
}

/**
 * Takes back what an event did to texts: its own characters, wherever they are by now. What a split has made is joined again, with
 * what others have put there; what a join has made is taken apart, if the row is there again. It is found out at once what that
 * is, and done when the rows are where they are to be.
 */
function undoing(draft: Draft, history: History, later: Later, step: Step): () => Refusal | null {
  const { seq, effects } = step;
  const nodes = editedBy(draft, effects).filter((node) => !isUndone(node, seq));
  if (nodes.length === 0) return nothing;
  // What was done again stands as it came to then.
  const standing = new Set(nodes.map((node) => redoneBy(node, seq) ?? seq));
  const ids = new Set(nodes.flatMap((node) => (redoneBy(node, seq) === undefined ? [node.id] : [])));
  const rows = rowsMadeBy(step);
  const kept = keptUndone(history, step, latestFirst(standing)[0]);
  return () => {
    for (const each of latestFirst(standing)) {
      const isMeant = (effect: TextEffect) => (each === seq ? ids.has(effect.id) : effect.redo === seq);
      const isDone = revert(draft, later, each === seq ? step : history.at(each), isMeant, kept, { back: rows });
      if (isDone !== true) return isDone;
    }
    returnMarks(draft, kept, step);
    note(draft, effects, { undo: seq }, (node) => !isUndone(node, seq));
    return null;
  };
}

/** Does that again, where it is undone. */
function redoing(draft: Draft, history: History, later: Later, step: Step): () => Refusal | null {
  const { seq, effects } = step;
  const by = new Set(editedBy(draft, effects).flatMap((node) => undoneBy(node, seq) ?? []));
  if (by.size === 0) return nothing;
  const kept = keptRedone(step);
  const rows = rowsMadeBy(step);
  return () => {
    for (const each of latestFirst(by)) {
      const isDone = revert(draft, later, history.at(each), (effect) => effect.undo === seq, kept, { again: rows });
      if (isDone !== true) return isDone;
    }
    note(draft, effects, { redo: seq }, (node) => isUndone(node, seq));
    return null;
  };
}

/** `again`: what has done it again, if anything has. */
export function keptUndone(history: History, step: Step, again?: number): KeptOf {
  return (node, attr) => ({ undo: step.seq, stands: markBelow(history, node, attr, step, again) });
}

export function keptRedone({ seq }: Step): KeptOf {
  return (node, attr) => ({ redo: seq, stands: Math.max(seqIn(node.written, attr) ?? 0, seq) });
}

const nothing = () => null;

function latestFirst(seqs: Iterable<number>): number[] {
  return [...seqs].sort((a, b) => b - a);
}

function editedBy(draft: Draft, effects: Step["effects"]): Node[] {
  return effects.flatMap((effect) => (isOfText(effect) ? (heldBy(draft, effect.id) ?? []) : []));
}

/** The rows that the splits of an event have made: they go when it is taken back. */
type Made = { readonly back: ReadonlySet<NodeId> } | { readonly again: ReadonlySet<NodeId> };

/** Null where too little is known for it, and a refusal where it takes too much. */
function revert(
  draft: Draft,
  later: Later,
  step: Step | undefined,
  isMeant: (effect: TextEffect) => boolean,
  kept: KeptOf,
  made: Made,
): true | null | Refusal {
  if (!step || !later.reach(step)) {
    skip(draft, step?.effects.map(idOf)[0] ?? "", "gone");
    return null;
  }
  let tooMuch: Refusal | null = null;
  const perform = (steps: readonly TextStep[], row?: NodeId): boolean => {
    const refusal = performAll(draft, steps, row, kept);
    if (refusal === OVER) tooMuch = refusal;
    return refusal === null;
  };
  const isMet = later.over(isMeant, (effect, steps) => {
    if (effect.op === "update") return perform(steps);
    const away = "back" in made ? changedRow(draft, effect, step.seq, made.back) : keptRow(draft, effect, made.again);
    if (away) skip(draft, ...away);
    const row = effect.split && "back" in made && made.back.has(effect.split.node) ? effect.split.node : undefined;
    return !away && perform(steps, row);
  });
  return isMet ? (tooMuch ?? true) : MET_TOO_MUCH;
}

type Why = readonly [id: NodeId, why: Skipped["why"], seq?: number];

/** Why the rows of a split, or of a join that is there again, are not what they were. */
export function changedRow(
  { store }: Draft,
  { split, join, id }: EditEffect,
  seq: number,
  made: ReadonlySet<NodeId>,
): Why | null {
  const row = join ? id : split?.node;
  if (row === undefined) return null;
  // What others have joined to the new row would go with the old one.
  for (const each of split ? [row, id] : [row]) {
    const node = store.get(each);
    if (!node) return [each, "gone"];
    if (node.removed !== null) return [each, "removed", node.removed];
  }
  const placed = placedBy(mustGet(store, row));
  return made.has(row) && placed > seq ? [row, "changed", placed] : null;
}

/**
 * The same where it is done again: what was split is there again by now, and what was joined is gone, but for a row that the event has made
 * itself.
 */
function keptRow({ store }: Draft, { split, join, id }: EditEffect, made: ReadonlySet<NodeId>): Why | null {
  const node = store.get(join ? id : (split?.node ?? ""));
  if (join) return node?.removed === null ? null : [id, "removed"];
  return split && node?.removed === null && !made.has(split.node) ? [split.node, "used"] : null;
}

/** All of them or none: then it says why. */
function performAll(draft: Draft, steps: readonly TextStep[], row: NodeId | undefined, kept: KeptOf): Refusal | null {
  const how = { kept, goes: row };
  const [first] = steps;
  // One that looks before it writes needs no trial.
  if (steps.length > 1 || first?.op === "split" || first?.op === "join") {
    const refusal = performEach(trialOf(draft), steps, how, draft);
    if (refusal) return refusal;
    // The trial was within what may be read.
    const { context } = draft;
    const done = { ...draft, context: { ...context, budget: undefined } };
    const failed = performEach(done, steps, how, draft);
    Object.assign(draft, { ...done, context });
    return failed;
  }
  return performEach(draft, steps, how, draft);
}

function performEach(draft: Draft, steps: readonly TextStep[], how: How, told: Draft): Refusal | null {
  for (const step of steps) {
    const refusal = performStep(draft, step, how);
    if (!refusal) continue;
    skip(told, step.id, refusal.code === "notFound" ? "gone" : "limit");
    return refusal;
  }
  return null;
}

/** What is done to it is dropped. */
function trialOf(draft: Draft): Draft {
  const none = { redirected: null, rescued: null, removed: null, updated: null, skipped: [], lost: [] };
  return { ...draft, ...none, store: createLayer(draft.store), ops: [], inverse: [] };
}

/** What shows nothing of it, as its characters are elsewhere by now, knows all the same. */
function note(draft: Draft, effects: Step["effects"], kept: Kept, lacks: (node: Node) => boolean): void {
  for (const effect of effects) {
    const node = isOfText(effect) ? heldBy(draft, effect.id) : null;
    if (!isOfText(effect) || !node || !lacks(node)) continue;
    const { id } = effect;
    const { attr } = effect.op === "edit" ? effect : effect.mark;
    perform(draft, { op: "edit", id, attr, changes: [], ...kept }, { op: "edit", id, attr, changes: [] });
  }
}

/** Marks may have gone with the text that they were of, or came with: what is left of others there is whose it was before. */
function returnMarks(draft: Draft, kept: KeptOf, step: Step): void {
  for (const effect of step.effects) {
    const node = effect.op === "update" && isOfMarks(effect) ? heldBy(draft, effect.id) : null;
    if (!node || effect.op !== "update") continue;
    for (const own of [...Object.keys(effect.attrs ?? {}), ...(effect.unset ?? [])]) {
      if (seqIn(node.written, own) !== step.seq) continue;
      const marks = Object.hasOwn(node.attrs, own) ? node.attrs[own] : undefined;
      const { stands } = kept(node, own);
      perform(draft, {
        ...{ op: "update", id: node.id },
        ...(marks === undefined ? { unset: [own] } : { attrs: { [own]: marks } }),
        ...{ undo: step.seq, stands: { attrs: stands > 0 ? { [own]: stands } : {} } },
      });
    }
  }
}

function heldBy({ store }: Draft, id: NodeId): Node | null {
  const node = store.get(id);
  return node && !isExpired(burialOf(store, node)) ? node : null;
}

/** Whose a text, or the marks of one, is without an event: as it was, where that has written it last. */
function markBelow(history: History, node: Node, attr: string, step: Step, again?: number): number {
  let event: Step | undefined = step;
  let done = again;
  let below = seqIn(node.written, attr) ?? 0;
  while (event && below === event.seq) {
    const inverse = firstBy(event, history.at(done ?? redoneBy(node, event.seq) ?? event.seq) ?? event, node, attr);
    done = undefined;
    if (inverse?.op !== "edit" && inverse?.op !== "update") return below;
    below = (inverse.op === "edit" ? inverse.was : seqIn(inverse.was, attr)) ?? 0;
    // Never back to where it has been: what replays may bear the seq of what it replaces.
    event = below > 0 && below < event.seq && isUndone(node, below) ? history.at(below) : undefined;
  }
  return below;
}

/** What takes back the first thing that an event did to a text or its marks, or what has done that again: it may have come to another row then. */
function firstBy(event: Step, done: Step, node: Node, attr: string): Inverse | undefined {
  const effects = effectsOn(done, node.id).flatMap((each) =>
    (each.op === "edit" && each.attr === attr) || (each.op === "update" && isOfMarks(each) && namesAttr(each, attr))
      ? [each]
      : [],
  );
  const inverses = inversesOn(done, node.id).filter((each) =>
    each.op === "edit" ? each.attr === attr : each.op === "update" && each.marks && namesAttr(each, attr),
  );
  // The newest first, one for each. What changes nothing has replaced nothing.
  return inverses.findLast((each, index) => {
    const isIts = done.seq === event.seq || effects.at(-1 - index)?.redo === event.seq;
    return isIts && !(each.op === "edit" && each.changes.length === 0);
  });
}
