import { EXPIRED } from "./expired.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { type Above, missing, type ReadStore } from "./store.ts";

// What the walk to the root tells of a node. It is at most as long as a tree may be deep.

/** Why a node is not alive. */
export interface Burial {
  /** The outermost removed node that it is, or lies in: what it stood in is alive. */
  readonly top: NodeId;
  /** The innermost one. */
  readonly grave: NodeId;
  /** The first of all removals above it: who has seen nothing since has the node. */
  readonly since: number;
}

/** Where a node is buried; null if it is alive. Costs the walk to the root where anything with children is removed. */
export function burialOf(store: ReadStore, node: Readonly<NodeRecord>): Burial | null {
  if (store.buried === 0 && node.removed === null) return null;
  let found: { top: NodeId; grave: NodeId; since: number } | null = null;
  for (const { id, removed } of upward(store, node)) {
    if (removed === null) continue;
    // What it stood in may be deleted already.
    if (removed === EXPIRED) return { top: id, grave: id, since: EXPIRED };
    found ??= { top: id, grave: id, since: removed };
    found.top = id;
    found.since = Math.min(found.since, removed);
  }
  return found;
}

/** Whether it can be restored no more. */
export function isExpired(burial: Burial | null): boolean {
  return burial?.since === EXPIRED;
}

/** Whether a node is in the tree: neither it nor anything above it is removed. */
export function isAlive(store: ReadStore, node: Readonly<NodeRecord>): boolean {
  return burialOf(store, node) === null;
}

/** A node and everything above it, up to the root. */
export function* upward(store: ReadStore, from: Above): Generator<Above> {
  let here = from;
  for (;;) {
    yield here;
    const { parent, removed } = here;
    if (parent === null) return;
    const next = store.above ? store.above(parent) : store.get(parent);
    // In the past a removed node may stand in what has expired since.
    if (!next && removed !== null) return;
    here = next ?? missing(parent);
  }
}

/** The seq of the latest event that put a node, or something above it, below `top`; null where it is not below it. */
export function placedBelow(store: ReadStore, node: Readonly<NodeRecord>, top: NodeId): number | null {
  let latest = 0;
  for (const { id, placed } of upward(store, node)) {
    if (id === top) return latest;
    latest = Math.max(latest, placed);
  }
  return null;
}
