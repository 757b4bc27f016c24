import { upward } from "./above.ts";
import type { IsKnown, Looks } from "./draft.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Store } from "./store.ts";
import { mayLook } from "./unseen.ts";

type Node = Readonly<NodeRecord>;

/** Siblings passed while looking which of two comes first. */
const PASSED = 2_000;

/**
 * Of nodes that were placed somewhere the outermost that stand below `top` unseen, in document order: as `unseenBelow`. Null
 * where that takes too many looks.
 */
export function unseenAmong(
  store: Store,
  top: Node,
  placed: ReadonlySet<NodeId>,
  isKnown: IsKnown,
  looks: Looks,
): NodeId[] | null {
  if (looks.left < placed.size) return null;
  looks.left -= placed.size;
  const found = outermost(store, top, placed, isKnown, looks);
  return found && inOrder(store, top, found, looks);
}

/** Each node that was found, with its parent; and those above it, as far as `top`. */
interface Found {
  readonly ids: ReadonlySet<NodeId>;
  readonly parents: ReadonlyMap<NodeId, NodeId | null>;
}

/** Of nodes that were placed somewhere: those that stand in the branch, nothing unknown above them. Looks at none twice. */
function outermost(store: Store, top: Node, placed: ReadonlySet<NodeId>, isKnown: IsKnown, looks: Looks): Found | null {
  const ids = new Set<NodeId>();
  /** Of nodes that were looked at, the parent; null where they are not in the branch, or not alive and known there. */
  const parents = new Map<NodeId, NodeId | null>();
  /** Whether all from here up to the top is alive and known; undefined where that takes too long. */
  const isOpen = (from: NodeId | null): boolean | undefined => {
    const start = from === null ? undefined : store.get(from);
    if (!start) return false;
    const path: (readonly [NodeId, NodeId | null])[] = [];
    let open = false;
    for (const each of upward(store, start)) {
      const parent = parents.get(each.id);
      open = each.id === top.id || (parent !== undefined && parent !== null);
      if (open || parent === null) break;
      if (!mayLook(looks)) return undefined;
      path.push([each.id, each.parent]);
      if (each.removed !== null || !isKnown(each)) break;
    }
    for (const [id, parent] of path) parents.set(id, open ? parent : null);
    return open;
  };
  for (const id of placed) {
    const node = store.get(id);
    if (!node || isKnown(node) || id === top.id || node.removed !== null) continue;
    const open = isOpen(node.parent);
    if (open === undefined) return null;
    if (open) ids.add(id);
  }
  for (const id of ids) parents.set(id, store.get(id)?.parent ?? null);
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

/** Some children of one parent in their order. Looks from the first forward, so what stands together is found soon. */
function siblingsInOrder(store: Store, ids: ReadonlySet<NodeId>, looks: Looks): NodeId[] {
  const left = new Set(ids);
  const ordered: NodeId[] = [];
  const take = (id: NodeId) => {
    if (left.delete(id)) ordered.push(id);
  };
  const [some] = ids;
  if (some === undefined || ids.size === 1) return [...ids];
  // Backward to the first of them, then forward to the last.
  let first = some;
  let passed = 0;
  const mayPass = () => passed++ < PASSED && mayLook(looks);
  let here: Node | undefined = store.get(some);
  while (here && mayPass()) {
    if (left.has(here.id)) first = here.id;
    here = here.prev === null ? undefined : store.get(here.prev);
  }
  here = store.get(first);
  passed = 0;
  while (here && left.size > 0 && mayPass()) {
    take(here.id);
    here = here.next === null ? undefined : (store.below?.(here.next) ?? store.get(here.next));
  }
  return [...ordered, ...left];
}
