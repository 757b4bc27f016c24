import { applyChanges } from "../text/index.ts";
import { burialOf } from "./above.ts";
import { branch, link, mark, unlink } from "./links.ts";
import { moveMarks } from "./marks.ts";
import { type Attrs, NO_ATTRS, type NodeId, type NodeRecord, newRecord } from "./node.ts";
import {
  assertNever,
  type EditEffect,
  type Effect,
  type InsertEffect,
  type KeptPlace,
  type Marks,
  type Place,
  type RemoveEffect,
  type Update,
  type UpdateEffect,
} from "./operations.ts";
import { countIn, countOut, recount } from "./size.ts";
import { type Left, mustGet, type Store } from "./store.ts";
import { textIn } from "./texts.ts";

/**
 * Applies one operation as it took effect. No policy is left in it: every replica that applies the same effects in the
 * same order has the same tree. It throws only where the store and the log disagree, which is a bug, or where a replica has
 * let go of what is restored.
 */
export function applyEffect(store: Store, effect: Effect, seq: number): void {
  switch (effect.op) {
    case "insert":
      insert(store, effect, seq);
      return;
    case "move":
      if (effect.restores === undefined) moveNode(store, mustGet(store, effect.id), effect, seq);
      else bringBack(store, effect.id, effect, seq);
      return;
    case "update":
      update(store, effect, seq);
      return;
    case "edit":
      edit(store, effect, seq);
      return;
    case "remove":
      remove(store, effect, seq);
      return;
    default:
      assertNever(effect);
  }
}

/** Applies a whole event, the way a replica or a reload does. */
export function applyEvent(store: Store, event: { readonly seq: number; readonly ops: readonly Effect[] }): void {
  for (const effect of event.ops) applyEffect(store, effect, event.seq);
}

/** Drops what an event removed: for replicas that keep nothing that is removed, after `applyEvent`. */
export function forgetRemoved(store: Store, ops: readonly Effect[]): void {
  for (const effect of ops) {
    if (effect.op === "remove" && (store.get(effect.id)?.removed ?? null) !== null) eraseBranch(store, effect.id);
  }
}

function insert(store: Store, effect: InsertEffect, seq: number): void {
  const { node, parent } = effect;
  const known = keptOf(store, effect);
  if (!known) {
    insertNew(store, effect, seq);
    return;
  }
  // A restore. Its first insert brings the branch back, and what the others name is in its place with it.
  if (known.removed === null && known.parent === parent) return;
  bringBack(store, node.id, effect, seq);
}

/** Inserts a node that the store does not have. Who has its parent at hand gives it: every look-up counts. */
export function insertNew(store: Store, effect: InsertEffect, seq: number, above?: Readonly<NodeRecord>): void {
  const { node, parent, after, beside } = effect;
  const record = newRecord(node.id, node.type, node.attrs ?? NO_ATTRS, seq);
  store.put(record);
  link(store, record, parent, after, above);
  store.places?.enter(store, record, beside);
  store.size++;
  if (effect.home) store.provenance?.placed(store, record, effect, seq);
}

/** Moves a node that is alive. */
export function moveNode(
  store: Store,
  node: Readonly<NodeRecord>,
  place: Place & KeptPlace,
  seq: number,
  above?: Readonly<NodeRecord>,
): void {
  const moved = store.edit(node.id, node);
  put(store, moved, place, place.follows ? node.placed : seq, leftBy(store, moved, place, seq), above);
  store.provenance?.placed(store, moved, place, seq);
}

/** In what is removed itself it is part of that from now on. `counted` is counted anew already. */
function putInto(store: Store, node: NodeRecord, place: Place & KeptPlace, seq: number, counted: NodeId | null): void {
  const target = burialOf(store, mustGet(store, place.parent));
  const change = () => put(store, node, place, seq, leftBy(store, node, place, seq));
  if (target && target.grave !== counted) recount(store, target.grave, change);
  else change();
}

/**
 * What a store still has of a node that is inserted. A replica may hold one that was removed and has expired since, whose id
 * is used anew: that goes now. The object holds only what can be restored, and logged no `restores` before 2026-11-27.
 */
function keptOf(store: Store, { node, parent, restores }: InsertEffect): Readonly<NodeRecord> | undefined {
  const known = store.get(node.id);
  if (!known || store.places || restores !== undefined) return known;
  if (known.removed === null) {
    if (known.parent === parent) return known;
    const burial = burialOf(store, known);
    if (!burial) throw new Error(`there is a node ${node.id}`);
    recount(store, burial.grave, () => unlink(store, known));
    for (const _ of branch(store, node.id)) store.size--;
  }
  eraseBranch(store, node.id);
  return undefined;
}

/** A node that is not alive, because it is removed or stands in what is, goes to its place. */
function bringBack(store: Store, id: NodeId, place: Place & KeptPlace, seq: number): void {
  const node = store.edit(id);
  let grave: NodeId | null = null;
  if (node.removed === null) {
    const burial = burialOf(store, node);
    grave = burial?.top ?? null;
    if (!burial) throw new Error(`node ${id} is not removed`);
    recount(store, burial.grave, () => putInto(store, node, place, seq, burial.grave));
  } else {
    countIn(store, node);
    putInto(store, node, place, seq, null);
  }
  store.provenance?.broughtBack(store, node, grave, place, seq);
  store.provenance?.placed(store, node, place, seq);
}

/** Moves a node, alive or not, to a place among the living; with `left`, its former place stays as a ghost. */
export function put(
  store: Store,
  node: NodeRecord,
  place: Place & KeptPlace,
  placed: number,
  left: Left | null,
  above?: Readonly<NodeRecord>,
): void {
  const { parent, after } = place;
  // Among the living it stays where it is: only what is gone stands elsewhere around it.
  const stays = node.removed === null && parent === node.parent && after === node.prev;
  // What it goes back to must not be let go of for one ghost more.
  const leaves = left === null || (stays && store.places?.isFull(node)) ? "nothing" : left;
  if (stays) leave(store, node, leaves);
  const { isBack = false, beside } = store.places?.goBack(store, node, place, left) ?? {};
  if (node.removed !== null) {
    store.places?.lift(store, node, isBack ? null : left);
    mark(store, node, null);
  } else if (!stays) leave(store, node, leaves);
  link(store, node, parent, after, above);
  store.places?.enter(store, node, beside);
  node.placed = placed;
}

/** What it leaves where it goes from. */
function leftBy(store: Store, node: NodeRecord, kept: KeptPlace, seq: number): Left {
  return store.provenance?.leftBy(node, kept, seq) ?? { since: seq };
}

function leave(store: Store, node: NodeRecord, remains: "nothing" | Left): void {
  store.places?.leave(store, node, remains);
  unlink(store, node);
}

function remove(store: Store, effect: RemoveEffect, seq: number): void {
  const { id, again } = effect;
  if (again && !store.get(id)) return;
  const node = store.edit(id);
  const wasRemoved = node.removed !== null;
  if (!wasRemoved) {
    const burial = burialOf(store, node);
    if (burial) recount(store, burial.grave, () => bury(store, node, "tombstone", seq));
    else bury(store, node, "tombstone", seq);
    countOut(store, node);
  }
  store.provenance?.removed(node, effect, seq, wasRemoved);
}

/** Unlinks a node and marks it as removed. */
export function bury(store: Store, node: NodeRecord, remains: "tombstone" | "nothing", removed: number): void {
  store.places?.leave(store, node, remains);
  unlink(store, node);
  mark(store, node, removed);
}

/** An update of a node that the store does not hold is skipped: replicas drop removed nodes, the object keeps them. */
export function update(store: Store, effect: UpdateEffect, seq: number, next?: Attrs): void {
  if (!store.get(effect.id)) return;
  const node = store.edit(effect.id);
  updateRecord(store, node, effect, seq, effect.stands, next);
  store.provenance?.updated(node, effect, seq);
}

/**
 * `stands` says whose the values are, where they are not those of the event `seq`. Who has merged the attributes gives them as
 * `next`: what was measured of that very object holds for the node then (`attrsProblem`).
 */
export function updateRecord(
  store: Store,
  node: NodeRecord,
  update: Update,
  seq: number,
  stands?: Marks,
  next?: Attrs,
): void {
  const { attrs, unset, type } = update;
  store.provenance?.wrote(node, update, seq, stands);
  if (type !== undefined) node.type = type;
  if (attrs || unset) node.attrs = next ?? merged(node.attrs, attrs, unset);
}

/** As with an update: what a store does not hold is skipped. */
function edit(store: Store, effect: EditEffect, seq: number): void {
  if (!store.get(effect.id)) return;
  const node = store.edit(effect.id);
  editRecord(store, node, effect, seq, edited(node.attrs, effect));
  store.provenance?.edited(node, effect, seq);
}

/** `next` are the attributes after it: who decides has made them already. */
export function editRecord(
  store: Store,
  node: NodeRecord,
  { attr, changes, stands }: Pick<EditEffect, "attr" | "changes" | "stands">,
  seq: number,
  next: Attrs,
): void {
  if (changes.length === 0) return;
  const marks = stands === undefined ? undefined : { attrs: stands === 0 ? {} : { [attr]: stands } };
  store.provenance?.wrote(node, { attrs: { [attr]: next[attr] ?? "" } }, seq, marks);
  node.attrs = next;
}

/** The attributes after an edit: the marks of the text go with it. */
export function edited(old: Attrs, { attr, changes }: Pick<EditEffect, "attr" | "changes">): Attrs {
  if (changes.length === 0) return old;
  return moveMarks(old, { ...old, [attr]: applyChanges(textIn(old, attr) ?? "", changes) }, attr, changes);
}

/** The attributes after an update. */
export function merged(old: Attrs, attrs: Attrs | undefined, unset: readonly string[] | undefined): Attrs {
  const next = { ...old, ...attrs };
  if (unset) for (const key of unset) delete next[key];
  return next;
}

/** Deletes the records of a subtree that is unlinked already. */
function eraseBranch(store: Store, top: NodeId): void {
  erase(
    store,
    top,
    Array.from(branch(store, top), ({ id }) => id),
  );
}

/** The same for who has its ids. */
export function erase(store: Store, top: NodeId, ids: readonly NodeId[]): void {
  for (const id of ids) store.places?.forget(store, mustGet(store, id));
  mark(store, store.edit(top), null);
  for (const id of ids) store.delete(id);
}
