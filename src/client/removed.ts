import type { TreeEvent } from "../protocol/index.ts";
import { branch, type Layer, type MapStore, type NodeId, type ReadStore } from "../tree/index.ts";

// What is removed is kept, so that what brings it back need not carry it, and undo shows it before the server does.

/**
 * So many nodes are kept, or as many as have been alive at once since the last snapshot. Not as many as are alive: whoever removes
 * nearly all of a document would let go of just that.
 */
const MOST_KEPT = 10_000;

/** Whether an event brings back what was removed up to that seq, without its content: only who still holds it has that. */
export function restoresFrom({ ops }: TreeEvent, seq: number): boolean {
  return ops.some((effect) => effect.op === "move" && effect.restores !== undefined && effect.restores <= seq);
}

/**
 * Whether an event brings back what a replica does not hold that has kept what was removed since a seq. Something may have been removed
 * once more inside what was gone by then: then the event names that removal.
 */
export function isLacking(store: ReadStore, { ops }: TreeEvent, keeps: number): boolean {
  const inserted = new Set<NodeId>();
  return ops.some((effect) => {
    if (effect.op === "insert") inserted.add(effect.node.id);
    if (effect.op !== "move" || effect.restores === undefined) return false;
    return effect.restores <= keeps || !(store.get(effect.id) || inserted.has(effect.id));
  });
}

/** How many more removed nodes a layer has than the tree below it. */
export function removedMore(layer: Layer, tree: ReadStore): number {
  let more = 0;
  for (const id of layer.changed()) more += removedWith(layer, id) - removedWith(tree, id);
  return more;
}

/** How many nodes went with a removed one, itself included. */
function removedWith(store: ReadStore, id: NodeId): number {
  return store.get(id)?.order?.counted ?? 0;
}

export function isTooMuch(removed: number, mostAlive: number): boolean {
  return removed > Math.max(MOST_KEPT, mostAlive);
}

/** Lets go of all that is removed, and notes it. All goes at once: whoever is left always has its parents. */
export function letGoOfRemoved(tree: MapStore, note: (id: NodeId) => void): void {
  for (const top of tree.records()) {
    if (top.removed === null) continue;
    for (const { id } of [...branch(tree, top.id)]) {
      note(id);
      tree.delete(id);
    }
  }
  tree.buried = 0;
}
