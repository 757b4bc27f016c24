import { type Burial, burialOf } from "./above.ts";
import { sameJson } from "./json.ts";
import type { Attrs, Json, NodeId, NodeRecord } from "./node.ts";
import { assertNever, type Effect, type Inverse, type Remove, type Tombstone, type Update } from "./operations.ts";
import { mustGet, type ReadStore } from "./store.ts";

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
      return node ? inverseUpdate(node, effect) : null;
    }
    case "move": {
      const node = mustGet(store, effect.id);
      return effect.restores === undefined ? backTo(node, effect.parent) : removeAgain(store, node);
    }
    case "remove":
      return backTo(mustGet(store, effect.id));
    default:
      return assertNever(effect);
  }
}

/** The update that gives a node the values back that another update is about to take; null if it takes none. */
export function inverseUpdate({ id, type, attrs: old }: Node, update: Update): Update | null {
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
  const inverse: { -readonly [K in keyof Update]: Update[K] } = { op: "update", id };
  if (attrs) inverse.attrs = attrs;
  if (unset) inverse.unset = unset;
  if (update.type !== undefined) inverse.type = type;
  return inverse;
}

/**
 * The inverse that puts a node back to where it stands now. One that is removed, or goes to another parent, leaves its place
 * behind and is anchored to that, which is itself; within its parent its neighbours are all there is.
 */
export function backTo({ id, parent, prev, next, placed }: Node, to?: NodeId): Inverse {
  if (parent === null) throw new Error("the root neither moves nor goes");
  const after = to === parent ? prev : id;
  return { op: "move", id, parent, after, before: next, was: { placed, after: prev } };
}

/** The inverse that removes a node again that is about to be restored. */
export function removeAgain(
  store: ReadStore,
  node: Node,
  burial: Burial | null = burialOf(store, node),
): Remove & { readonly was: Tombstone } {
  const { id, parent, prev, next, placed } = node;
  const removed = burial && mustGet(store, burial.grave).removed;
  if (parent === null || removed === null) throw new Error(`${id} is not removed`);
  return { op: "remove", id, was: { parent, prev, next, placed, removed, linked: node.removed === null } };
}

export function isEmpty(attrs: Attrs): boolean {
  for (const _ in attrs) return false;
  return true;
}
