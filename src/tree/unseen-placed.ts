import { placedBelow, upward } from "./above.ts";
import type { IsKnown } from "./draft.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

/** Siblings passed while looking which of two comes first. */
const PASSED = 2_000;

/** Of nodes that were placed somewhere the outermost that stand below `top` unseen, in document order: as `unseenBelow`. */
export function unseenAmong(store: Store, top: Node, placed: ReadonlySet<NodeId>, isKnown: IsKnown): NodeId[] {
  return inOrder(store, top, outermost(store, top, placed, isKnown));
}

/** Of nodes that were placed somewhere: those that stand in the branch, nothing unknown above them; each with its path up. */
function outermost(store: Store, top: Node, placed: ReadonlySet<NodeId>, isKnown: IsKnown): Map<NodeId, NodeId[]> {
  const found = new Map<NodeId, NodeId[]>();
  for (const id of placed) {
    const node = store.get(id);
    if (!node || isKnown(node) || id === top.id || placedBelow(store, node, top.id) === null) continue;
    const path: NodeId[] = [];
    let isOutermost = true;
    for (const each of upward(store, node)) {
      if (each.id === top.id) break;
      if (each.removed !== null || (each.id !== id && !isKnown(each))) isOutermost = false;
      path.unshift(each.id);
    }
    if (isOutermost) found.set(id, path);
  }
  return found;
}

/** In document order, as far as siblings are not too many to tell. */
function inOrder(store: Store, top: Node, paths: ReadonlyMap<NodeId, readonly NodeId[]>): NodeId[] {
  if (paths.size < 2) return [...paths.keys()];
  /** By parent, its children on the way to what was found. */
  const ways = new Map<NodeId, Set<NodeId>>();
  for (const path of paths.values()) {
    let parent = top.id;
    for (const id of path) {
      ways.set(parent, (ways.get(parent) ?? new Set()).add(id));
      parent = id;
    }
  }
  const ordered: NodeId[] = [];
  const pending = [top.id];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (paths.has(id)) ordered.push(id);
    pending.push(...siblingsInOrder(store, ways.get(id) ?? new Set()).reverse());
  }
  return ordered;
}

/** Some children of one parent in their order. Looks from the first forward, so what stands together is found soon. */
function siblingsInOrder(store: Store, ids: ReadonlySet<NodeId>): NodeId[] {
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
  let here: Node | undefined = store.get(some);
  for (; here && passed < PASSED; passed++) {
    if (left.has(here.id)) first = here.id;
    here = here.prev === null ? undefined : store.get(here.prev);
  }
  here = store.get(first);
  for (passed = 0; here && left.size > 0 && passed < PASSED; passed++) {
    take(here.id);
    here = here.next === null ? undefined : (store.below?.(here.next) ?? store.get(here.next));
  }
  return [...ordered, ...left];
}
