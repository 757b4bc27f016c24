import { type Burial, burialOf, isExpired, placedBelow, upward } from "./above.ts";
import { placeBelow, type Stood } from "./below.ts";
import { effectsOn } from "./by-node.ts";
import type { Draft, Step } from "./draft.ts";
import { backTo, removeAgain } from "./inverse.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Kept, KeptPlace, Place } from "./operations.ts";
import { isUndone, placedBy, removersOf, undoneBy } from "./past.ts";
import { moveEffect, note, perform, skip } from "./perform.ts";
import { resolveAnchors, whereItLeft, whereItStood } from "./place.ts";
import { cameFrom, placedSince } from "./placed-since.ts";
import { restore } from "./restore.ts";
import { mustGet, type Store } from "./store.ts";
import { takeAway } from "./take-away.ts";

type Node = Readonly<NodeRecord>;

/** Puts a node that is not removed itself back to where it stood. Says what is in the way, and leaves it then. */
export function putBack(draft: Draft, node: Node, stood: Stood, kept: Kept): boolean {
  const { store, context } = draft;
  const { id } = node;
  const parent = store.get(stood.parent);
  const target = parent && burialOf(store, parent);
  if (!parent || isExpired(target ?? null)) return no(draft, id, "gone");
  const inside = placedBelow(store, parent, id);
  if (inside !== null) return no(draft, id, "changed", inside);
  const { prev, next, until, passed } = stood;
  const grave = target && mustGet(store, target.grave).removed;
  if (target && burialOf(store, node)?.top === target.top) {
    // Within what is gone it stays gone.
    putInside(draft, node, parent, target, stood, kept, []);
    skip(draft, id, "removed", grave ?? 0);
    return true;
  }
  if (target && !stood.sent && isPartOf(draft, node, target, kept)) {
    putInside(draft, node, parent, target, stood, kept, []);
    return true;
  }
  if (target && context.conflicts === "reject") return no(draft, id, "removed", grave ?? 0);
  const top = target && mustGet(store, target.top);
  const place = top
    ? (cameFrom(store, mustGet(store, top.parent ?? ""), node, kept.redo) ??
      whereItStood(store, top, { after: prev, before: next }))
    : whereItLeft(store, parent, id, kept.redo === undefined ? { since: until } : { of: kept.redo }, prev, next);
  if (place.parent !== node.parent && context.keeper?.tooDeep(store, place.parent, node)) return no(draft, id, "limit");
  if (passed !== undefined) skip(draft, id, "changed", passed);
  if (target) {
    note(draft, "redirected", id);
    skip(draft, id, "removed", grave ?? 0);
  }
  const home = stood.home ?? (target ? { parent: parent.id, after: id } : undefined);
  const guests = keptByUndoing(draft, node, kept);
  put(draft, node, place, { ...kept, stands: stood.seq, left: until, ...(home && { home }) });
  for (const guest of guests) goHome(draft, guest, kept);
  const at = stood.home && store.get(stood.home.parent);
  if (at && belongsTo(store, at, id) && !isToGo(draft, at.id, kept) && goHome(draft, id, {}))
    skip(draft, id, "changed", at.placed);
  return true;
}

/** Whether a node stands where it does because of the event that is being undone: it does not stay there. */
function isToGo({ store }: Draft, id: NodeId, { undo }: Kept): boolean {
  const node = store.get(id);
  return node !== undefined && [...upward(store, node)].some(({ placed }) => placed === undo);
}

/** Whether what is done again had put a node into what is removed, or had been removed with it, before it was undone. */
function isPartOf(draft: Draft, node: Node, target: Burial, { redo }: Kept): boolean {
  const until = redo === undefined ? undefined : undoneBy(node, redo);
  if (until === undefined) return false;
  const isBefore = removersOf(mustGet(draft.store, target.grave)).some((remover) => Math.abs(remover) < until);
  return isBefore && placedSince(draft, node, until)?.length === 0;
}

/** Those that undoing an event has kept from what went by that: they were inside before. */
function keptByUndoing({ context }: Draft, node: Node, { redo }: Kept): readonly NodeId[] {
  const by = redo === undefined ? undefined : undoneBy(node, redo);
  const step = by === undefined ? undefined : context.history?.at(by);
  if (!step) return [];
  return effectsOn(step, node.id).flatMap((effect) => (effect.op === "remove" ? (effect.rescued ?? []) : []));
}

/** Puts a node into something that is removed, to be a part of that. */
export function putInside(
  draft: Draft,
  node: Node,
  parent: Node,
  target: Burial,
  stood: Stood,
  kept: Kept,
  unseen: readonly NodeId[],
): void {
  const { store } = draft;
  const { id } = node;
  if (!burialOf(store, node)) takeAway(draft, node, unseen, kept);
  const gone = mustGet(store, id);
  const left = kept.redo === undefined ? { since: stood.until } : { of: kept.redo };
  const place = whereItLeft(store, parent, id, left, stood.prev, stood.next);
  // Only who holds what it lies in from now on can put it there.
  const back = {
    ...moveEffect(id, exactly(place, gone)),
    restores: target.since,
    stands: stood.seq,
    left: stood.until,
    ...kept,
  };
  perform(draft, back, removeAgain(store, gone));
}

function no(draft: Draft, ...why: [NodeId, Parameters<typeof skip>[2], number?]): false {
  skip(draft, ...why);
  return false;
}

/** Moves a node that is alive, or stands in what is removed. */
export function put(draft: Draft, node: Node, place: Place, kept: KeptPlace): void {
  const { store } = draft;
  const { id } = node;
  const burial = burialOf(store, node);
  if (burial) {
    restore(draft, node, burial, exactly(place, node), false, kept);
    return;
  }
  perform(draft, { ...moveEffect(id, exactly(place, node)), ...kept }, backTo(node, place.parent));
}

/** Where a node stood may be right behind where it stands. */
function exactly(place: Place, { id, prev }: Node): Place {
  return place.after === id ? { ...place, after: prev } : place;
}

/**
 * Restores a removed node where it was removed, what was kept from its removal goes home; and itself to where it belongs, if it was
 * put where it is by what is undone since.
 */
export function bringBack(draft: Draft, node: Node, kept: Kept): void {
  const { store, context } = draft;
  const { id, past, removed } = node;
  const parent = store.get(node.parent ?? "");
  const burial = burialOf(store, node);
  if (!parent || !burial || isExpired(burial)) {
    skip(draft, id, "gone");
    return;
  }
  if (context.keeper?.tooDeep(store, parent.id, node)) {
    skip(draft, id, "limit");
    return;
  }
  const target = burialOf(store, parent);
  const guests = (past?.guests ?? []).filter((guest) => belongsTo(store, node, guest));
  const place = store.places?.behind(store, parent, id) ?? resolveAnchors(store, parent, { after: id }, node);
  const home = past?.home && { home: past.home };
  const left = kept.undo ?? removed ?? undefined;
  restore(draft, node, burial, place, target !== null, { ...kept, stands: placedBy(node), left, ...home });
  if (target) {
    note(draft, "removed", id);
    skip(draft, id, "removed", mustGet(store, target.grave).removed ?? 0);
  }
  leaveUndone(draft, id, kept);
  const inside = past?.home && store.get(past.home.parent);
  if (inside && belongsTo(store, inside, id) && !wasThere(store, inside, removed) && goHome(draft, id, {}))
    skip(draft, id, "changed", inside.placed);
  for (const guest of guests) goHome(draft, guest, kept);
}

/** Whether a node was alive when an event removed another: what stood beside it then, and not in it, stands beside it again. */
function wasThere(store: Store, node: Node, removed: number | null): boolean {
  if (removed === null) return false;
  return ![...upward(store, node)].some(
    ({ id, placed }) => placed > removed && (store.get(id)?.past?.left ?? 0) < removed,
  );
}

/** A node that came back to where an event had put it that is undone meanwhile goes on to where it stands without that. */
function leaveUndone(draft: Draft, id: NodeId, kept: Kept): void {
  const { store, context } = draft;
  const node = mustGet(store, id);
  const seq = placedBy(node);
  // Of the same event it is undone next.
  const step: Step | undefined = seq !== kept.undo && isUndone(node, seq) ? context.history?.at(seq) : undefined;
  const stood = step && context.history && placeBelow(context.history, node, step);
  if (!stood) return;
  skip(draft, id, "changed", seq);
  putBack(draft, node, stood, kept);
}

/** Whether a node goes home with what was removed, as far as nobody has brought that back without it. */
function belongsTo(store: Store, top: Node, id: NodeId): boolean {
  const home = store.get(id)?.past?.home;
  if (!home || home.stays === undefined || isUndone(top, home.stays)) return home !== undefined;
  // It was brought back out of this, which has been removed all along.
  const { stays } = home;
  return top.removed !== null && removersOf(top).every((remover) => Math.abs(remover) < stays);
}

/** Where a node stands that was kept from a removal: where it belongs, or where that stood which is removed still. */
function goHome(draft: Draft, id: NodeId, kept: Kept): boolean {
  const { store, context } = draft;
  const node = store.get(id);
  const home = node?.past?.home;
  const parent = home && store.get(home.parent);
  if (!node || !parent || burialOf(store, node) || placedBelow(store, parent, id) !== null) return false;
  const burial = burialOf(store, parent);
  if (isExpired(burial)) return false;
  const place = burial
    ? whereItStood(store, mustGet(store, burial.top), home)
    : resolveAnchors(store, parent, home, node);
  // Near enough: it stands where that stood.
  if (burial && node.parent === place.parent) return false;
  if (context.keeper?.tooDeep(store, place.parent, node)) return false;
  put(draft, node, place, { ...kept, follows: true, ...(burial && { home }) });
  return true;
}
