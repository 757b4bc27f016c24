import { upward } from "./above.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { mustGet, type ReadStore } from "./store.ts";

/**
 * Says whether nodes are alive in a branch. Those of `without`, and what is in them, count as if they were not. Costs a walk up, as far as
 * nobody has gone before.
 */
export function createMembers(
  store: ReadStore,
  top: NodeId,
  without: ReadonlySet<NodeId> = new Set(),
): (id: NodeId) => boolean {
  const known = new Map<NodeId, boolean>([[top, isLinked(store.get(top))]]);
  return (id) => {
    const path: NodeId[] = [];
    let here: NodeId | null = id;
    while (here !== null && !known.has(here)) {
      const node: Readonly<NodeRecord> | undefined = store.get(here);
      if (!isLinked(node) || without.has(here)) known.set(here, false);
      else {
        path.push(here);
        here = node?.parent ?? null;
      }
    }
    const found = here !== null && known.get(here) === true;
    for (const each of path) known.set(each, found);
    return found;
  };
}

function isLinked(node: Readonly<NodeRecord> | undefined): boolean {
  return node?.removed === null;
}

/** A node and what it stands in; nothing above the root. */
export function pathTo(store: ReadStore, id: NodeId | null): ReadonlySet<NodeId> {
  return new Set(id === null ? [] : Array.from(upward(store, mustGet(store, id)), (node) => node.id));
}
