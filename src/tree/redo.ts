import { burialOf, isExpired, placedBelow } from "./above.ts";
import type { Stood } from "./below.ts";
import { effectsOn, idOf, inversesOn, rowsMadeBy, rowsOf } from "./by-node.ts";
import type { Draft, Step, TextUndo } from "./draft.ts";
import { isEmpty } from "./inverse.ts";
import { isOfMarks } from "./marks.ts";
import { type Json, type NodeId, type NodeRecord, seqIn } from "./node.ts";
import { assertNever, type InsertEffect, type MoveEffect, type Update, type UpdateEffect } from "./operations.ts";
import { isUndone, mayBeForgotten, placedBy, removersOf, undoneBy } from "./past.ts";
import { perform, skip } from "./perform.ts";
import { placedSince } from "./placed-since.ts";
import { bringBack, putBack } from "./put-back.ts";
import { mustGet } from "./store.ts";
import { takeAway, takeAwayAgain } from "./take-away.ts";
import type { Refusal } from "./verdict.ts";
import { writeBack } from "./write-back.ts";

type Node = Readonly<NodeRecord>;

/** Does again what an event did, as far as it is undone. What someone has done since is later, and stays. */
export function redoStep(draft: Draft, texts: TextUndo | undefined, step: Step): Refusal | null {
  const { store } = draft;
  const { effects, inverse, seq } = step;
  const redoTexts = texts?.redo(step);
  const tops = new Set(inverse.flatMap((each) => (each.op === "remove" && !each.was ? [each.id] : [])));
  const undone = new Set(effects.map(idOf).filter((id) => isUndoneIn(draft, id, seq)));
  const split = rowsMadeBy(step);
  // What it wrote after it had edited it.
  const edited = new Set<NodeId>();
  const waiting: (() => void)[] = [];
  for (const effect of effects) {
    const id = idOf(effect);
    const node = store.get(id);
    for (const row of effect.op === "edit" ? rowsOf(effect) : []) edited.add(row);
    if (!node || isExpired(burialOf(store, node))) {
      skip(draft, id, "gone");
      continue;
    }
    if (effect.op === "edit" || (effect.op === "update" && isOfMarks(effect))) continue;
    if (!undone.has(id)) {
      if (mayBeForgotten(node, seq)) skip(draft, id, "gone");
      continue;
    }
    switch (effect.op) {
      case "insert":
        if (tops.has(id)) redoInsert(draft, node, seq);
        else if (effect.restores !== undefined) redoMove(draft, node, effect, step);
        break;
      case "move":
        if (!effect.follows) redoMove(draft, node, effect, step);
        break;
      case "update":
        if (edited.has(id)) waiting.push(() => redoUpdate(draft, mustGet(store, id), effect, seq));
        else redoUpdate(draft, node, effect, seq);
        break;
      case "remove":
        // A row that it has split off before has its text first.
        if (split.has(id)) waiting.push(() => redoRemove(draft, mustGet(store, id), effect.rescued ?? [], seq));
        else redoRemove(draft, node, effect.rescued ?? [], seq);
        break;
      default:
        assertNever(effect);
    }
  }
  const refusal = redoTexts?.() ?? null;
  for (const redo of waiting) redo();
  return refusal;
}

function isUndoneIn({ store }: Draft, id: string, seq: number): boolean {
  const node = store.get(id);
  return node !== undefined && isUndone(node, seq);
}

/** Notes that an event is not undone any more, of a node that shows nothing of it. */
function noteOnly(draft: Draft, id: string, redo: number): void {
  perform(draft, { op: "update", id, redo });
}

function redoInsert(draft: Draft, node: Node, seq: number): void {
  const others = removersOf(node).filter((each) => each !== -seq);
  if (node.removed === null) {
    noteOnly(draft, node.id, seq);
    return;
  }
  if (others.length === 0) {
    bringBack(draft, node, { redo: seq });
    return;
  }
  skip(draft, node.id, "removed", Math.abs(others[0] ?? 0));
  noteOnly(draft, node.id, seq);
}

function redoMove(draft: Draft, node: Node, effect: InsertEffect | MoveEffect, step: Step): void {
  const { parent, after, home } = effect;
  const { id, removed } = node;
  const top = placedBy(node);
  // What it had brought back from.
  const { seq } = step;
  const was = inversesOn(step, id).flatMap((each) => (each.op === "remove" && each.was ? [each.was] : []));
  const lifted = was.flatMap((each) => each.removers ?? [each.removed]);
  const others = removersOf(node).filter((each) => !lifted.includes(each));
  // Where it stood when it was undone, or else where it was to stand.
  const ghost = node.order?.ghosts.findLast((each) => each.of === seq);
  const meant = home && { parent: home.parent, prev: home.after ?? null, next: home.before ?? null };
  const by = undoneBy(node, seq);
  const isHere = removed !== null && removed === by && node.parent !== null;
  const here = isHere ? { parent: node.parent ?? "", prev: node.prev } : null;
  const isThere = home ? !isGone(draft, home.parent) : !isGone(draft, parent);
  const to =
    ghost && !(ghost.away && isThere)
      ? { parent: ghost.parent, prev: after }
      : (here ?? { parent, prev: after, ...meant });
  const belongs = home ?? (ghost?.away ? { parent, after: id } : to === here ? node.past?.home : undefined);
  const isAway = belongs !== undefined && to.parent !== belongs.parent && isGone(draft, belongs.parent);
  const stood: Stood = {
    ...{ next: null, ...to, ...(isAway && { home: belongs }), sent: home !== undefined && !ghost },
    ...{ until: by ?? node.placed, seq },
  };
  const isRemoved = removed !== null && others.length > 0;
  if (top <= seq && !isRemoved && putBack(draft, node, stood, { redo: seq })) return;
  if (top > seq) skip(draft, id, "changed", top);
  else if (isRemoved) skip(draft, id, "removed", Math.abs(others[0] ?? 0));
  noteOnly(draft, id, seq);
}

function isGone({ store }: Draft, id: NodeId): boolean {
  const node = store.get(id);
  return node !== undefined && burialOf(store, node) !== null;
}

function redoUpdate(draft: Draft, node: Node, update: Update, seq: number): void {
  const attrs: Record<string, Json> = {};
  const unset: string[] = [];
  const stands: Record<string, number> = {};
  let blocked = 0;
  const isFree = (key: string) => {
    const top = seqIn(node.written, key) ?? 0;
    if (top > seq) blocked = Math.max(blocked, top);
    if (top <= seq) stands[key] = seq;
    return top <= seq;
  };
  for (const [key, value] of Object.entries(update.attrs ?? {})) if (isFree(key)) attrs[key] = value;
  // What it has not, nobody deletes.
  for (const key of update.unset ?? []) if (isFree(key) && Object.hasOwn(node.attrs, key)) unset.push(key);
  const typedBy = node.past?.type ?? 0;
  const isTyped = update.type !== undefined && typedBy <= seq;
  if (update.type !== undefined && typedBy > seq) blocked = Math.max(blocked, typedBy);
  if (blocked > 0) skip(draft, node.id, "changed", blocked);
  const effect: UpdateEffect = {
    ...{ op: "update", id: node.id },
    ...(!isEmpty(attrs) && { attrs }),
    ...(unset.length > 0 && { unset }),
    ...(isTyped && { type: update.type }),
    redo: seq,
  };
  if (!effect.attrs && !effect.unset && !isTyped) {
    noteOnly(draft, node.id, seq);
    return;
  }
  writeBack(draft, node, { ...effect, stands: { attrs: stands, ...(isTyped && { type: seq }) } });
}

/** What went home when a removal was undone, and has stayed there. What else that has undone on a node says nothing of it. */
function wentHome({ store, context }: Draft, id: NodeId, [removal, by]: readonly [number, number]): Node | null {
  const node = store.get(id);
  const undoing = context.history?.at(by);
  if (!node || !undoing || placedBy(node) > by || burialOf(store, node)) return null;
  return effectsOn(undoing, id).some((each) => each.op === "move" && each.follows && each.undo === removal)
    ? node
    : null;
}

/** Whether its home is not in what was removed any more. */
function isElsewhere(draft: Draft, id: NodeId, top: NodeId, undone: readonly [number, number]): boolean {
  const { store } = draft;
  const node = wentHome(draft, id, undone);
  if (!node) return false;
  const home = mustGet(store, node.parent ?? "");
  // Beside what goes it would be put behind itself.
  return home.id !== store.get(top)?.parent && placedBelow(store, home, top) === null;
}

/** Whether its home is in one of these, and not it itself one of them. */
function isInside(draft: Draft, id: NodeId, tops: readonly NodeId[], undone: readonly [number, number]): boolean {
  const node = tops.includes(id) ? null : wentHome(draft, id, undone);
  return node !== null && tops.some((top) => placedBelow(draft.store, node, top) !== null);
}

function redoRemove(draft: Draft, node: Node, rescued: readonly NodeId[], seq: number): void {
  const { id } = node;
  if (burialOf(draft.store, node)) {
    takeAwayAgain(draft, node, { removers: [seq], redo: seq });
    return;
  }
  // What was put inside while it was gone belongs to it, but for what was kept out of it then.
  const until = undoneBy(node, seq) ?? seq;
  const cameHome = (node.past?.guests ?? []).filter((guest) =>
    draft.store.get(guest)?.order?.ghosts.some((ghost) => ghost.of === seq),
  );
  const kept = [...new Set([...rescued, ...cameHome])];
  const since = placedSince(draft, node, until, kept);
  if (since) {
    const elsewhere = kept.filter((each) => isElsewhere(draft, each, id, [seq, until]));
    // Beside each other they were kept from it, and one went home into the other.
    const inside = cameHome.filter((each) => isInside(draft, each, since, [seq, until]));
    takeAway(draft, node, [...inside, ...since, ...elsewhere], { removers: [seq], redo: seq });
    return;
  }
  skip(draft, id, "used");
  noteOnly(draft, id, seq);
}
