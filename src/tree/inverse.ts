import { invert } from "../text/index.ts";
import { type Burial, burialOf } from "./above.ts";
import { sameJson } from "./json.ts";
import { isOfMarks, marksLost } from "./marks.ts";
import { type Json, type NodeId, type NodeRecord, type Past, seqIn, type Written } from "./node.ts";
import {
  assertNever,
  type EditEffect,
  type Effect,
  type Inverse,
  type InverseEdit,
  type InverseUpdate,
  type Remove,
  type Tombstone,
  type Update,
} from "./operations.ts";
import { mustGet, type ReadStore } from "./store.ts";
import { textIn } from "./texts.ts";

type Node = Readonly<NodeRecord>;

/**
 * What undoes an effect that is about to be applied to a store that keeps removed nodes; null where the inverse of
 * another effect covers it (a restored subtree goes with its top), and for the update of a node that is not known.
 */
export function inverseOf(store: ReadStore, effect: Effect): Inverse | null {
  switch (effect.op) {
    case "insert": {
      const known = store.get(effect.node.id);
      if (!known) return { op: "remove", id: effect.node.id, was: null };
      return known.removed === null && known.parent === effect.parent ? null : removeAgain(store, known);
    }
    case "update": {
      const node = store.get(effect.id);
      return node ? (isOfMarks(effect) ? inverseMarks(node, effect) : inverseUpdate(node, effect)) : null;
    }
    case "edit": {
      const node = store.get(effect.id);
      return node ? inverseEdit(node, effect) : null;
    }
    case "move": {
      const node = mustGet(store, effect.id);
      return effect.restores === undefined ? backTo(node, effect.parent) : removeAgain(store, node);
    }
    case "remove": {
      const node = store.get(effect.id);
      return node && node.removed === null ? backTo(node) : null;
    }
    default:
      return assertNever(effect);
  }
}

/** The update that gives a node the values back that another update is about to take; null if it takes none. */
export function inverseUpdate(node: Node, update: Update): InverseUpdate | null {
  const { id, type, attrs: old, written, past } = node;
  // Made only where they are needed: updates are the most frequent of all.
  let attrs: Record<string, Json> | undefined;
  let unset: string[] | undefined;
  let changes = update.type !== undefined && update.type !== type;
  for (const key in update.attrs) {
    const value = Object.hasOwn(old, key) ? old[key] : undefined;
    // What the same update deletes again comes to what it was.
    changes ||= !sameJson(value, update.attrs[key]) && !update.unset?.includes(key);
    if (value === undefined) {
      unset ??= [];
      unset.push(key);
      continue;
    }
    attrs ??= {};
    attrs[key] = value;
  }
  if (update.unset) {
    for (const key of update.unset) {
      const value = Object.hasOwn(old, key) ? old[key] : undefined;
      if (value === undefined) continue;
      attrs ??= {};
      attrs[key] = value;
      changes = true;
    }
  }
  if (!changes) return null;
  const inverse: { -readonly [K in keyof InverseUpdate]: InverseUpdate[K] } = { op: "update", id };
  if (attrs) inverse.attrs = attrs;
  if (unset) inverse.unset = unset;
  if (update.type !== undefined) inverse.type = type;
  if (written) {
    const was = marksOf(written, inverse);
    if (was) inverse.was = was;
  }
  if (inverse.type !== undefined && past?.type !== undefined) inverse.typed = past.type;
  return inverse;
}

/** The same of an update of the marks of a text. */
export function inverseMarks(node: Node, update: Update): InverseUpdate | null {
  const inverse = inverseUpdate(node, update);
  return inverse && { ...inverse, marks: true };
}

/** The edit that brings back what another one is about to delete. */
export function inverseEdit({ attrs, written }: Node, { id, attr, changes }: EditEffect): InverseEdit {
  const inverse: { -readonly [K in keyof InverseEdit]: InverseEdit[K] } = {
    ...{ op: "edit", id, attr, changes: invert(changes, textIn(attrs, attr) ?? "") },
  };
  const was = seqIn(written, attr);
  if (was !== undefined && changes.length > 0) inverse.was = was;
  if (!Object.hasOwn(attrs, attr)) inverse.missing = true;
  const marks = marksLost(attrs, attr, changes, inverse.changes);
  if (marks !== undefined) inverse.marks = marks;
  return inverse;
}

/** Whose the attributes are that an update is about to replace; null where all of them are the node's first. */
function marksOf(written: Written, { attrs, unset }: Update): Written | null {
  const seqs: Record<string, number> = {};
  for (const key of [...Object.keys(attrs ?? {}), ...(unset ?? [])]) {
    const seq = seqIn(written, key);
    if (seq !== undefined) seqs[key] = seq;
  }
  return isEmpty(seqs) ? null : seqs;
}

/**
 * The inverse that puts a node back to where it stands now. One that is removed, or goes to another parent, leaves its place
 * behind and is anchored to that, which is itself; within its parent its neighbours are all there is.
 */
export function backTo({ id, parent, prev, next, placed, past }: Node, to?: NodeId): Inverse {
  if (parent === null) throw new Error("the root neither moves nor goes");
  const after = to === parent ? prev : id;
  const was = { placed, after: prev, ...keptOf(past) };
  return { op: "move", id, parent, after, before: next, was };
}

/** Whose placement a place is, and what place was meant, where `placed` does not say it. */
function keptOf(past: Past | null): Pick<Past, "place" | "home"> {
  if (!past) return {};
  const { place, home } = past;
  return { ...(place !== undefined && { place }), ...(home && { home }) };
}

/** The inverse that removes a node again that is about to be restored. */
export function removeAgain(
  store: ReadStore,
  node: Node,
  burial: Burial | null = burialOf(store, node),
): Remove & { readonly was: Tombstone } {
  const { id, parent, prev, next, placed, past } = node;
  const removed = burial && mustGet(store, burial.grave).removed;
  if (parent === null || removed === null) throw new Error(`${id} is not removed`);
  const kept = { ...keptOf(past), ...(past?.removers && { removers: past.removers }) };
  return { op: "remove", id, was: { parent, prev, next, placed, removed, linked: node.removed === null, ...kept } };
}

export function isEmpty(attrs: Readonly<Record<string, unknown>>): boolean {
  for (const _ in attrs) return false;
  return true;
}
