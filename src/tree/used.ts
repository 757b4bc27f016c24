import type { Step } from "./draft.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { placedBy } from "./past.ts";
import { mustGet, type ReadStore } from "./store.ts";
import type { Skipped } from "./verdict.ts";

/** Why nodes that an event has inserted may not go with it. */
export type Use = Pick<Skipped, "why"> & { readonly seq: number };

/**
 * What has happened since to a node that an event inserted, or to what it inserted below; null if nothing has. Looks at what the
 * event inserted, and at one node more.
 */
export function touchOn(store: ReadStore, top: NodeId, made: ReadonlySet<NodeId>, { seq }: Step): Use | null {
  const pending = [top];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = mustGet(store, id);
    if (!made.has(id)) return { why: "used", seq: placedBy(node) };
    const since = changedSince(node, seq);
    if (since !== null) return { why: "changed", seq: since };
    for (let child = node.first; child !== null; child = mustGet(store, child).next) {
      pending.push(child);
      if (!made.has(child)) break;
    }
  }
  return null;
}

/** The latest event that has placed, or written into, a node since an event, and is not undone. */
function changedSince(node: Readonly<NodeRecord>, seq: number): number | null {
  const placed = placedBy(node);
  const latest = Math.max(placed === seq ? 0 : placed, node.past?.type ?? 0, ...Object.values(node.written ?? {}));
  return latest > seq ? latest : null;
}
