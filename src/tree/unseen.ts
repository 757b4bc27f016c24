import { placedBelow, upward } from "./above.ts";
import type { Draft } from "./draft.ts";
import { branch } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Store } from "./store.ts";

type Node = Readonly<NodeRecord>;

/** A branch is looked through as far as this. */
const LOOKED_THROUGH = 5_000;
/** Siblings passed while looking which of two comes first. */
const PASSED = 2_000;

/**
 * The outermost nodes of a branch that someone else put there after what the author had applied, in document order (C6); null
 * where that is too much to find out (C14).
 */
export function unseenIn({ store, context }: Draft, top: Node): NodeId[] | null {
  const { sees, seq, unseenPlaced } = context;
  if (!sees || top.first === null) return [];
  // What this mutation itself has placed, it has seen.
  const isKnown = ({ placed }: Pick<Node, "placed">) => placed === seq || sees(placed);
  const placed = unseenPlaced?.();
  if (placed) return inOrder(store, top, outermost(store, top, placed, isKnown));
  const unseen: NodeId[] = [];
  let nodes = 0;
  for (const node of branch(store, top.id, (each) => each.id === top.id || isKnown(each))) {
    if (unseenPlaced && ++nodes > LOOKED_THROUGH) return null;
    if (node.id !== top.id && !isKnown(node)) unseen.push(node.id);
  }
  return unseen;
}

/** Of nodes that were placed somewhere: those that stand in the branch, nothing unknown above them; each with its path up. */
function outermost(
  store: Store,
  top: Node,
  placed: ReadonlySet<NodeId>,
  isKnown: (node: Pick<Node, "placed">) => boolean,
): Map<NodeId, NodeId[]> {
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
