import { stems } from "./links.ts";
import { NO_ORDER, type NodeId, type NodeRecord } from "./node.ts";
import type { Store } from "./store.ts";

// The size is the number of live nodes. A removed branch is not walked through for it unless it is small: a large one stays
// in the size until it is counted, step by step, for whoever asks.

/** A node has been removed. */
export function countOut(store: Store, top: NodeRecord): void {
  let nodes = 0;
  if (top.first === null) nodes = 1;
  else {
    for (const _ of stems(store, top.id)) if (++nodes > store.countsAtOnce) break;
  }
  if (nodes > store.countsAtOnce) store.uncounted.push(top.id);
  else setCounted(store, top, nodes);
}

/** A removed node is about to be none any more. */
export function countIn(store: Store, top: NodeRecord): void {
  setCounted(store, top, 0);
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

/** Counts the branches that are not counted yet, a step for so many nodes; it is over when all are. */
export function* countAll(store: Store, nodesPerStep: number): Generator<void> {
  let looked = 0;
  // Across branches: many small ones take as long as a large one.
  const isStep = () => ++looked % nodesPerStep === 0;
  for (let id = store.uncounted[0]; id !== undefined; id = store.uncounted[0]) {
    const counted = yield* countOne(store, id, isStep);
    const top = counted > 0 ? store.edit(id) : undefined;
    if (top) setCounted(store, top, counted);
    store.uncounted.shift();
  }
}

/** 0 where there is nothing to count, or the branch has changed meanwhile: then it stands in the list once more. */
function* countOne(store: Store, id: NodeId, isStep: () => boolean): Generator<void, number> {
  const isToCount = () => {
    const top = store.get(id);
    return top !== undefined && isUncounted(top) && store.uncounted.indexOf(id, 1) < 0;
  };
  if (!isToCount()) return 0;
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
