import { isAlive } from "./above.ts";
import type { ChangesOf } from "./diff-content.ts";
import { createMembers, pathTo } from "./diff-members.ts";
import { operationsBetween } from "./diff-operations.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { Move, Operation } from "./operations.ts";
import { mustGet, type ReadStore } from "./store.ts";

type Node = Readonly<NodeRecord>;

/** What is to be as it was. */
export interface Restoring {
  /** The tree as it is, in a store that keeps what is removed. */
  readonly now: ReadStore;
  /** The tree as it was. */
  readonly then: ReadStore;
  /** The root, or the top of a branch, which was there then: it stays where it is now, if it is there. */
  readonly top: NodeId;
  /** The nodes that may differ. */
  readonly named: ReadonlyMap<NodeId, unknown>;
  isPlaced(id: NodeId): boolean;
  /** Whether a node was made by a split in between, and is nothing but what that has taken from a text. Yields after each look. */
  isSplitOff(id: NodeId): Generator<null, boolean>;
  /** What becomes of nodes that have come there since: a row that was only split off goes in any case, as its text goes back. */
  readonly others: "keep" | "remove";
  readonly changesOf: ChangesOf;
}

/**
 * The operations that restore a tree, or a branch, for who has seen everything. A node that is removed comes back by a move; what of a branch
 * stands elsewhere now comes back from there, but for what the branch itself stands in. Outside of it nothing else changes. Costs what the events
 * in between name; yields null after each look.
 */
export function* restoreOperations(restoring: Restoring): Generator<Operation | null> {
  const { now, then, top, named, isPlaced, others, changesOf } = restoring;
  const home = isAlive(now, mustGet(now, top)) ? null : yield* homeOf(now, then, top);
  if (home) yield home;
  const isMeant = createMembers(then, top, pathTo(now, home?.parent ?? mustGet(now, top).parent));
  yield* operationsBetween({
    named: { [Symbol.iterator]: () => named.keys() },
    top,
    // What lies in something removed comes back with that.
    before: (id) => linked(now, id),
    after: (id) => linked(then, id),
    isPlaced,
    isMeant,
    comes: "move",
    content: (id) => now.get(id),
    *goes(node) {
      return others === "remove" || (yield* isBare(restoring, node, isMeant));
    },
    changesOf,
  });
}

/** Whether a row was only split off, and all that stands in it goes, or goes home. */
function* isBare(
  { now, isSplitOff }: Restoring,
  row: Node,
  isMeant: (id: NodeId) => boolean,
): Generator<null, boolean> {
  const rows = [row];
  for (const { id, first } of rows) {
    if (!(yield* isSplitOff(id))) return false;
    for (let child = first; child !== null; ) {
      const node = mustGet(now, child);
      if (!isMeant(child)) rows.push(node);
      child = node.next;
      yield null;
    }
  }
  return true;
}

function linked(store: ReadStore, id: NodeId): Node | undefined {
  const node = store.get(id);
  return node?.removed === null ? node : undefined;
}

/** Where a node comes back to: where it was removed from, or where it stood then, or where the nearest of what it stood in is that is there. */
function* homeOf(now: ReadStore, then: ReadStore, id: NodeId): Generator<null, Move> {
  const stood = mustGet(then, id);
  let child = stood;
  for (let parent = stood.parent; parent !== null; parent = child.parent) {
    const node = now.get(parent);
    if (node && isAlive(now, node)) {
      if (child !== stood) return { op: "move", id, parent, after: child.id };
      const anchors = now.get(id)?.parent === parent ? { after: id } : { after: stood.prev, before: stood.next };
      return { op: "move", id, parent, ...anchors };
    }
    child = mustGet(then, parent);
    yield null;
  }
  throw new Error("the root is always there");
}
