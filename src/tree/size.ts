import { stems } from "./links.ts";
import { NO_ORDER, type NodeId, type NodeRecord } from "./node.ts";
import type { Store } from "./store.ts";

// The size is the number of live nodes. A removed branch is not walked through for it unless it is small: a large one stays
// in the size until it is counted, step by step, for whoever asks.

/** A node has been removed. */
export function countOut(store: Store, top: NodeRecord): void {
  let nodes = 0;
  if (top.first === null) nodes = 1;
  // Where nothing is counted at once nothing is read for it: a statement for each of 5 000 branches took 0.9 s (2026-11-27).
  else if (store.countsAtOnce === 0) nodes = Number.POSITIVE_INFINITY;
  else {
    for (const _ of stems(store, top.id)) if (++nodes > store.countsAtOnce) break;
  }
  if (nodes > store.countsAtOnce) noteUncounted(store, top.id);
  else setCounted(store, top, nodes);
}

/** A removed branch has to be counted, or has changed while somebody may be counting it. */
export function noteUncounted({ uncounted }: Pick<Store, "uncounted">, top: NodeId): void {
  uncounted.set(top, {});
}

/** A removed node is about to be none any more. */
export function countIn(store: Store, top: NodeRecord): void {
  setCounted(store, top, 0);
  store.uncounted.delete(top.id);
}

/** What lies in a removed branch changes: it has to be counted anew. `change` makes the change. */
export function recount(store: Store, grave: NodeId, change: () => void): void {
  countIn(store, store.edit(grave));
  change();
  countOut(store, store.edit(grave));
}

/** The size contains a removed branch with all but so many of its nodes. */
export function setCounted(store: Store, top: NodeRecord, nodes: number): void {
  const counted = top.order?.counted ?? 0;
  if (counted === nodes) return;
  store.size -= nodes - counted;
  top.order = { ...(top.order ?? NO_ORDER), counted: nodes };
}

/** A branch that changes while it is counted is counted anew so often: one that always does would never be. */
const MOST_TRIES = 8;

/**
 * Counts the branches that are not counted yet, a step for so many nodes; it is over when all are but those that change faster
 * than they are counted.
 */
export function* countAll(store: Store, nodesPerStep: number): Generator<void> {
  const tries = new Map<NodeId, number>();
  const nextToCount = () => {
    for (const each of store.uncounted) if ((tries.get(each[0]) ?? 0) < MOST_TRIES) return each;
    return undefined;
  };
  let looked = 0;
  // Across branches: many small ones take as long as a large one.
  const isStep = () => ++looked % nodesPerStep === 0;
  for (let next = nextToCount(); next; next = nextToCount()) {
    const [id, sign] = next;
    const counted = yield* countOne(store, id, sign, isStep);
    if (store.uncounted.get(id) !== sign) {
      tries.set(id, (tries.get(id) ?? 0) + 1);
      continue;
    }
    store.uncounted.delete(id);
    if (counted > 0) setCounted(store, store.edit(id), counted);
  }
}

/** 0 where there is nothing to count, or the branch has changed meanwhile. */
function* countOne(store: Store, id: NodeId, sign: object, isStep: () => boolean): Generator<void, number> {
  const isToCount = () => {
    const top = store.get(id);
    return top !== undefined && isUncounted(top) && store.uncounted.get(id) === sign;
  };
  if (!isToCount()) {
    // Many that are none take as long as one that is large.
    if (isStep()) yield;
    return 0;
  }
  let nodes = 0;
  for (const _ of stems(store, id)) {
    nodes++;
    if (!isStep()) continue;
    yield;
    if (!isToCount()) return 0;
  }
  return nodes;
}

function isUncounted({ removed, order }: Readonly<NodeRecord>): boolean {
  return removed !== null && (order?.counted ?? 0) === 0;
}
