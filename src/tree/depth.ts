import { upward } from "./above.ts";
import type { FlatNode } from "./flat.ts";
import { leveled } from "./links.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import { mustGet, type ReadStore } from "./store.ts";
import type { Refusal } from "./verdict.ts";

/** Nodes looked at to know how deep a branch really is. */
const LOOKED_AT = 1_000;

/** Why a branch may not stand under `parent`, with at most so many levels below the root (T11); null if it may. */
export function refuseDepth(
  store: ReadStore,
  most: number,
  parent: NodeId,
  branch: readonly FlatNode[] | Readonly<NodeRecord>,
): Refusal | null {
  const deep =
    "id" in branch
      ? isTooDeep(store, most, parent, branch.height, () => heightBelow(store, branch))
      : isTooDeep(store, most, parent, branch.length - 1, () => heightOf(branch));
  return deep ? { code: "tooDeep", message: `at most ${most} levels below the root` } : null;
}

/**
 * Whether a branch would reach deeper than so many levels below the root if it stood under `parent`. `height` is at least how
 * many levels it has below its top; `exact` is asked only where that could be too much.
 */
export function isTooDeep(
  store: ReadStore,
  most: number,
  parent: NodeId,
  height: number,
  exact: () => number,
): boolean {
  // Nowhere in the tree would that be too deep.
  if (mustGet(store, store.root).height + 1 + height <= most) return false;
  let depth = 0;
  for (const { parent: above } of upward(store, mustGet(store, parent))) {
    if (above !== null && ++depth >= most) return true;
  }
  return depth + 1 + height > most && depth + 1 + exact() > most;
}

/** How many levels there are below the first of flattened nodes. */
function heightOf(flat: readonly FlatNode[]): number {
  const levels = new Map<NodeId, number>();
  for (const { id, parent } of flat) levels.set(id, (levels.get(parent) ?? -1) + 1);
  // Level by level as they come, the last is the deepest.
  return levels.get(flat.at(-1)?.id ?? "") ?? 0;
}

/** How many levels there are below a node now, as far as a bounded look can tell; else how many there have ever been. */
function heightBelow(store: ReadStore, node: Readonly<NodeRecord>): number {
  let nodes = 0;
  let height = 0;
  for (const { level } of leveled(store, node.id)) {
    if (++nodes > LOOKED_AT) return node.height;
    height = Math.max(height, level);
  }
  return height;
}
