import { upward } from "./above.ts";
import type { IsKnown, Looks } from "./draft.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { type Stem, type Store, stemOf } from "./store.ts";
import { mayLook } from "./unseen.ts";

type Node = Readonly<NodeRecord>;

/** Siblings passed while looking for the next one that was found. */
const PASSED = 1_000;
/** What it counts to begin with that: a statement. */
const BEGUN = 300;

/**
 * Of nodes that were placed somewhere the outermost that stand below `top` unseen, in document order: as `unseenBelow`. Null
 * where that takes too many looks.
 */
export function unseenAmong(
  store: Store,
  top: Node,
  placed: readonly NodeId[],
  isKnown: IsKnown,
  looks: Looks,
): NodeId[] | null {
  if (looks.left < placed.length) return null;
  const found = outermost(store, top, placed, isKnown, looks);
  return found && inOrder(store, top, found, looks);
}

/** Each node that was found, with its parent; and those above it, as far as `top`. */
interface Found {
  readonly ids: ReadonlySet<NodeId>;
  readonly parents: ReadonlyMap<NodeId, NodeId | null>;
}

/** Of nodes that were placed somewhere: those that stand in the branch, nothing unknown above them. Looks at none twice. */
function outermost(store: Store, top: Node, placed: readonly NodeId[], isKnown: IsKnown, looks: Looks): Found | null {
  const ids = new Set<NodeId>();
  /** Of nodes that were looked at, the parent; null where they are not in the branch, or not alive and known there. */
  const parents = new Map<NodeId, NodeId | null>();
  /** Whether all from here up to the top is alive and known; undefined where that takes too long. */
  const isOpen = (from: NodeId | null): boolean | undefined => {
    const start = from === null ? undefined : stemOf(store, from, "above");
    if (!start) return false;
    const path: (readonly [NodeId, NodeId | null])[] = [];
    let open = false;
    for (const each of upward(store, start)) {
      const parent = parents.get(each.id);
      open = each.id === top.id || (parent !== undefined && parent !== null);
      if (open || parent === null) break;
      if (!mayLook(looks, each.id)) return undefined;
      path.push([each.id, each.parent]);
      if (each.removed !== null || !isKnown(each)) break;
    }
    for (const [id, parent] of path) parents.set(id, open ? parent : null);
    return open;
  };
  store.expectAbove?.(placed);
  for (const id of placed) {
    if (!mayLook(looks, id)) return null;
    const node = stemOf(store, id, "above");
    if (!node || isKnown(node) || id === top.id || node.removed !== null) continue;
    const open = isOpen(node.parent);
    if (open === undefined) return null;
    if (open) ids.add(id);
  }
  for (const id of ids) parents.set(id, stemOf(store, id, "above")?.parent ?? null);
  return { ids, parents };
}

/** In document order, as far as siblings are not too many to tell. */
function inOrder(store: Store, top: Node, { ids, parents }: Found, looks: Looks): NodeId[] {
  if (ids.size < 2) return [...ids];
  /** By parent, its children on the way to what was found. */
  const ways = new Map<NodeId, Set<NodeId>>();
  for (const id of ids) {
    let child = id;
    for (let parent = parents.get(id); child !== top.id && parent; parent = parents.get(child)) {
      const children = ways.get(parent) ?? new Set();
      if (children.has(child)) break;
      ways.set(parent, children.add(child));
      child = parent;
    }
  }
  const ordered: NodeId[] = [];
  const pending = [top.id];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (ids.has(id)) ordered.push(id);
    for (const child of siblingsInOrder(store, ways.get(id) ?? new Set(), looks).reverse()) pending.push(child);
  }
  return ordered;
}

/** Some children of one parent in their order, as far as those between them are not too many. */
function siblingsInOrder(store: Store, ids: ReadonlySet<NodeId>, looks: Looks): NodeId[] {
  if (ids.size < 2) return [...ids];
  const next = new Map<NodeId, NodeId>();
  /** Those of which it is not known what is before them. */
  const firsts = new Set(ids);
  const join = (id: NodeId, behind: NodeId) => {
    next.set(id, behind);
    firsts.delete(behind);
  };
  // What stands side by side is told by what was read already.
  for (const id of ids) {
    const behind = stemOf(store, id, "behind")?.next;
    if (behind && ids.has(behind)) join(id, behind);
  }
  for (const id of ids) {
    if (next.has(id) || firsts.size === 1 || looks.left < BEGUN) continue;
    looks.left -= BEGUN;
    let here: Stem | undefined = stemOf(store, id, "behind");
    for (let passed = 0; here && here.next !== null && passed < PASSED && mayLook(looks, here.next); passed++) {
      if (ids.has(here.next)) {
        join(id, here.next);
        break;
      }
      here = stemOf(store, here.next, "behind");
    }
  }
  const ordered: NodeId[] = [];
  for (const first of firsts)
    for (let id: NodeId | undefined = first; id !== undefined; id = next.get(id)) ordered.push(id);
  return ordered;
}
