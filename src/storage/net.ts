import { LIMITS } from "../protocol/index.ts";
import type { Changes } from "../text/index.ts";
import { branch, type Inverse, type NodeId, type ReadStore } from "../tree/index.ts";
import { createEditTrail, type NodeBefore } from "./skip-deltas.ts";
import type { Meter, Slices } from "./slices.ts";
import type { GoingBack } from "./time-travel.ts";

/** What differs between two moments, as the net difference, without who has made it: so it is found from steps back, too. */
export interface Net {
  /** The nodes that may differ, in the order of their ids, and whether they were put somewhere, or taken away. */
  readonly named: ReadonlyMap<NodeId, boolean>;
  /** The edits that lead back from the later text to the earlier one; null where it was replaced, undefined where nobody has changed it. */
  changesBack(id: NodeId, attr: string): Changes | null | undefined;
}

/** Finds that out while somebody goes back from the later moment to the earlier one. */
export interface NetInMaking {
  readonly going: GoingBack;
  /** All of it, given the tree of the later moment. `tooLarge` where too many nodes may differ. */
  all(later: ReadStore, meter: Meter): Slices<Net | "tooLarge">;
}

export function createNet(): NetInMaking {
  const found = new Map<NodeId, boolean>();
  /** Those that were not there at the earlier one. */
  const fresh = new Set<NodeId>();
  const edits = createEditTrail();
  const name = (id: NodeId, isPlaced: boolean) => {
    // Of more there is no answer.
    if (found.size <= LIMITS.nodesCompared) found.set(id, isPlaced || found.get(id) === true);
  };
  return {
    going: {
      inverse(inverse, later) {
        edits.note(inverse);
        for (const id of namesOf(inverse, later)) {
          name(id, inverse.op === "move" || inverse.op === "remove");
          if (inverse.op === "remove" && inverse.was === null) fresh.add(id);
        }
      },
      step(delta) {
        edits.noteStep(delta);
        for (const [id, before] of delta.nodes) {
          const isPlaced = wasPlaced(before);
          if (isPlaced || isOther(before)) name(id, isPlaced);
          if (!before) fresh.add(id);
        }
      },
    },
    *all(later, meter) {
      if (found.size > LIMITS.nodesCompared) return "tooLarge";
      for (const id of yield* removedAmong([...fresh], later, meter)) found.delete(id);
      const named = new Map<NodeId, boolean>();
      for (const id of yield* sorted([...found.keys()], meter)) named.set(id, found.get(id) === true);
      return { named, changesBack: edits.of };
    },
  };
}

/** What was inserted is undone by its top. */
function* namesOf(inverse: Inverse, later: ReadStore): Generator<NodeId> {
  if (inverse.op !== "remove" || inverse.was !== null) return yield inverse.id;
  if (later.get(inverse.id)) for (const { id } of branch(later, inverse.id)) yield id;
}

function wasPlaced(before: NodeBefore | null): boolean {
  if (!before) return true;
  const { fields } = before;
  return fields.placed !== undefined || fields.removed !== undefined || fields.parent !== undefined;
}

/** Neighbours of what was put somewhere differ in nothing else. */
function isOther(before: NodeBefore | null): boolean {
  return !before || before.fields.type !== undefined || before.attrs.length > 0;
}

/** Nodes whose rows are read at once. */
const AT_ONCE = 256;

/** What has come and gone is there in neither: to look at each later on would be most of the work. */
function* removedAmong(ids: readonly NodeId[], later: ReadStore, meter: Meter): Slices<readonly NodeId[]> {
  const removed: NodeId[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE);
    later.expectAbove?.(some);
    for (const id of some) {
      const node = later.above ? later.above(id) : later.get(id);
      if (node?.removed !== null) removed.push(id);
    }
    if (meter.full()) yield;
  }
  return removed;
}

/** So many are sorted in one piece. */
const RUN = 2_048;
/** What it takes to put one into its place, in the unit of a meter. */
const SORTED = 24;

/** In slices: 64 000 in one piece take 50 ms. */
function* sorted(ids: readonly NodeId[], meter: Meter): Slices<readonly NodeId[]> {
  let runs: (readonly NodeId[])[] = [];
  for (let at = 0; at < ids.length; at += RUN) {
    runs.push(ids.slice(at, at + RUN).sort());
    meter.add(SORTED * RUN);
    if (meter.full()) yield;
  }
  while (runs.length > 1) {
    const next: (readonly NodeId[])[] = [];
    for (let at = 0; at < runs.length; at += 2) next.push(yield* merged(runs[at] ?? [], runs[at + 1] ?? [], meter));
    runs = next;
  }
  return runs[0] ?? [];
}

function* merged(one: readonly NodeId[], other: readonly NodeId[], meter: Meter): Slices<readonly NodeId[]> {
  const all: NodeId[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [left, right] = [one[i], other[j]];
    const isLeft = left !== undefined && (right === undefined || left < right);
    const next = isLeft ? left : right;
    if (next === undefined) return all;
    all.push(next);
    if (isLeft) i++;
    else j++;
    meter.add(SORTED);
    if (meter.full()) yield;
  }
}
