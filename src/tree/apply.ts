import { eachInSubtree, isLinked, link, unlink } from "./links.ts";
import { type Attrs, NO_ATTRS, type NodeId, type NodeRecord, newRecord } from "./node.ts";
import { assertNever, type Effect, type InsertEffect, type Inverse, type Update } from "./operations.ts";
import { mustGet, type Store } from "./store.ts";

/**
 * Applies one operation as it took effect. No policy is left in it: every replica that applies the same effects in the
 * same order has the same tree. It throws only where the store and the log disagree, which is a bug.
 */
export function applyEffect(store: Store, effect: Effect, seq: number): void {
  switch (effect.op) {
    case "insert":
      insert(store, effect, seq);
      return;
    case "move": {
      const node = store.edit(effect.id);
      unlink(store, node);
      link(store, node, effect.parent, effect.after);
      node.placed = seq;
      return;
    }
    case "update":
      update(store, effect);
      return;
    case "remove":
      unlink(store, mustGet(store, effect.id));
      markRemoved(store, effect.id, seq);
      return;
    default:
      assertNever(effect);
  }
}

/** Applies a whole event, the way a replica or a reload does. */
export function applyEvent(store: Store, event: { readonly seq: number; readonly ops: readonly Effect[] }): void {
  for (const effect of event.ops) applyEffect(store, effect, event.seq);
}

/**
 * Drops what an event removed. Replicas call it after `applyEvent`. The object keeps removed nodes until the event
 * expires; then it names the event's `seq`, as they may have been restored, and removed again by another, since.
 * Returns how many nodes that were.
 */
export function forgetRemoved(store: Store, ops: readonly Effect[], seq?: number): number {
  let erased = 0;
  for (const effect of ops) {
    if (effect.op !== "remove") continue;
    const top = store.get(effect.id);
    if (!top || top.removed === null || (seq !== undefined && top.removed !== seq)) continue;
    // One that lies in another removed subtree by now goes with that.
    if (!isLinked(store, top)) erased += eraseSubtree(store, effect.id);
  }
  return erased;
}

/** Undoes one effect exactly, marks included. The inverses of an event are applied in the order they are listed. */
export function applyInverse(store: Store, inverse: Inverse): void {
  switch (inverse.op) {
    case "update":
      update(store, inverse);
      return;
    case "move": {
      const node = store.edit(inverse.id);
      if (node.removed === null) unlink(store, node);
      link(store, node, inverse.parent, inverse.after);
      node.placed = inverse.was.placed;
      if (node.removed !== null) revive(store, inverse.id);
      return;
    }
    case "remove": {
      unlink(store, mustGet(store, inverse.id));
      if (inverse.was === null) {
        store.size -= eraseSubtree(store, inverse.id);
        return;
      }
      const { parent, prev, next, placed, removed, linked } = inverse.was;
      markRemoved(store, inverse.id, removed);
      const node = store.edit(inverse.id);
      // What it lay in may have expired since; then it lies nowhere.
      if (linked && store.get(parent)) link(store, node, parent, prev);
      else Object.assign(node, { parent, prev, next });
      node.placed = placed;
      return;
    }
    default:
      assertNever(inverse);
  }
}

function insert(store: Store, { node, parent, after }: InsertEffect, seq: number): void {
  const { id, type, attrs = NO_ATTRS } = node;
  const known = store.get(id);
  if (!known) {
    const record = newRecord(id, type, attrs, seq);
    link(store, record, parent, after);
    store.put(record);
    store.size++;
    return;
  }
  if (known.removed === null) throw new Error(`there is a node ${id}`);
  // A restore. Its first insert lifts the removed node out of where it lay, its children still linked below it;
  // the inserts that follow find those children in place and bring them back one by one.
  const linked = isLinked(store, known);
  const below = linked && known.parent !== null && mustGet(store, known.parent).removed === null;
  const record = store.edit(id);
  if (!below) {
    if (linked) unlink(store, record);
    link(store, record, parent, after);
    record.placed = seq;
  }
  record.removed = null;
  store.size++;
}

/** An update of a node that the store does not hold is skipped: replicas drop removed nodes, the object keeps them. */
function update(store: Store, operation: Update): void {
  if (store.get(operation.id)) updateRecord(store.edit(operation.id), operation);
}

export function updateRecord(node: NodeRecord, { attrs, unset, type }: Update): void {
  if (type !== undefined) node.type = type;
  if (attrs || unset) node.attrs = merged(node.attrs, attrs, unset);
}

/** The attributes after an update. */
export function merged(old: Attrs, attrs: Attrs | undefined, unset: readonly string[] | undefined): Attrs {
  const next = { ...old, ...attrs };
  if (unset) for (const key of unset) delete next[key];
  return next;
}

function markRemoved(store: Store, top: NodeId, seq: number): void {
  eachInSubtree(store, top, (node) => {
    store.edit(node.id).removed = seq;
    store.size--;
  });
}

function revive(store: Store, top: NodeId): void {
  eachInSubtree(store, top, (node) => {
    store.edit(node.id).removed = null;
    store.size++;
  });
}

/** Deletes the records of a subtree that is unlinked already; returns how many they were. */
function eraseSubtree(store: Store, top: NodeId): number {
  const ids: NodeId[] = [];
  eachInSubtree(store, top, (node) => ids.push(node.id));
  for (const id of ids) store.delete(id);
  return ids.length;
}
