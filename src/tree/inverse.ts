import { isLinked } from "./links.ts";
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
      const above = known.parent !== null && isLinked(store, known) ? store.get(known.parent) : undefined;
      return above?.removed === null ? null : removeAgain(store, known);
    }
    case "update": {
      const node = store.get(effect.id);
      return node ? inverseUpdate(node, effect) : null;
    }
    case "move":
    case "remove": {
      const node = mustGet(store, effect.id);
      if (node.parent === null) throw new Error("the root neither moves nor goes");
      return backTo(node, node.parent);
    }
    default:
      return assertNever(effect);
  }
}

/** The update that gives a node the values back that another update is about to take. */
export function inverseUpdate({ id, type, attrs: old }: Node, update: Update): Update {
  const attrs: Record<string, Json> = {};
  const unset: string[] = [];
  for (const key of update.attrs ? Object.keys(update.attrs) : NO_KEYS) {
    const value = Object.hasOwn(old, key) ? old[key] : undefined;
    if (value === undefined) unset.push(key);
    else attrs[key] = value;
  }
  for (const key of update.unset ?? NO_KEYS) {
    const value = Object.hasOwn(old, key) ? old[key] : undefined;
    if (value !== undefined) attrs[key] = value;
  }
  const inverse: { -readonly [K in keyof Update]: Update[K] } = { op: "update", id };
  if (!isEmpty(attrs)) inverse.attrs = attrs;
  if (unset.length > 0) inverse.unset = unset;
  if (update.type !== undefined) inverse.type = type;
  return inverse;
}

const NO_KEYS: readonly string[] = [];

/** The inverse that puts a node back to where it stands now. */
export function backTo({ id, prev, next, placed }: Node, parent: NodeId): Inverse {
  return { op: "move", id, parent, after: prev, before: next, was: { placed } };
}

/** The inverse that removes a node again that is about to be restored. */
export function removeAgain(store: ReadStore, top: Node): Remove & { readonly was: Tombstone } {
  const { id, parent, prev, next, placed, removed } = top;
  if (parent === null || removed === null) throw new Error(`${id} is not removed`);
  return { op: "remove", id, was: { parent, prev, next, placed, removed, linked: isLinked(store, top) } };
}

export function isEmpty(attrs: Attrs): boolean {
  for (const _ in attrs) return false;
  return true;
}
