import type { Json, NodeId, NodeRecord, ReadStore, Store } from "../tree/index.ts";
import { backTo, composeNode, type NodeBefore, type SkipDelta } from "./skip-deltas.ts";
import type { Meter, Slices } from "./slices.ts";

/** A tree whose removed branches may be counted at once. */
export type Counting = ReadStore & Partial<Pick<Store, "countsAtOnce">>;

/** A tree with what nodes were before, made when somebody looks at them: to go far back reads no node that nobody asks for. */
export interface Patched {
  readonly view: Counting;
  /** Adds a step back, of so many characters. */
  add(delta: SkipDelta, length: number): void;
  /** Makes one of all steps, in slices: they take less memory, and what they come to is known. */
  settle(meter: Meter): Slices<void>;
  /** How many nodes differ at most, and about how many characters of attributes that is. Exactly, when it is settled. */
  readonly count: number;
  readonly characters: number;
}

export function createPatched(base: Counting): Patched {
  const patches = new Map<NodeId, NodeBefore | null>();
  let steps: SkipDelta[] = [];
  let [characters, unsettled, unsettledCount] = [0, 0, 0];
  /** What a node was before; undefined where it is as it was. */
  const beforeOf = (id: NodeId): NodeBefore | null | undefined => {
    let all = patches.get(id);
    for (const { nodes } of steps) {
      const before = nodes.get(id);
      if (before !== undefined) all = composeNode(all, before);
    }
    return all;
  };
  const isOther = (id: NodeId) => patches.has(id) || steps.some(({ nodes }) => nodes.has(id));
  const get = (id: NodeId): Readonly<NodeRecord> | undefined => {
    const before = beforeOf(id);
    if (before === null) return undefined;
    const record = base.get(id);
    return record && before ? backTo(record, before) : record;
  };
  return {
    view: {
      root: base.root,
      size: base.size,
      buried: base.buried,
      ...(base.countsAtOnce !== undefined && { countsAtOnce: base.countsAtOnce }),
      get,
      above: (id) => (isOther(id) || !base.above ? get(id) : base.above(id)),
      below: (id) => (isOther(id) || !base.below ? get(id) : base.below(id)),
      stem: (id, toward) => (isOther(id) || !base.stem ? get(id) : base.stem(id, toward)),
      expectAbove: (ids) => base.expectAbove?.(ids),
      expect: (ids) => base.expect?.(ids),
    },
    add(delta, length) {
      steps.push(delta);
      unsettled += length;
      unsettledCount += delta.nodes.size;
    },
    *settle(meter) {
      for (let step = steps[0]; step; step = steps[0]) {
        for (const [id, before] of step.nodes) {
          const known = patches.get(id);
          const all = composeNode(known, before);
          characters += weigh(all) - (known === undefined ? 0 : weigh(known));
          patches.set(id, all);
        }
        steps = steps.slice(1);
        meter.add(PATCHED * step.nodes.size);
        if (meter.full()) yield;
      }
      unsettled = 0;
      unsettledCount = 0;
    },
    get count() {
      return patches.size + unsettledCount;
    },
    get characters() {
      return characters + unsettled;
    },
  };
}

/** What it takes to add one node of a step, in the unit of a meter. */
const PATCHED = 96;

/** About as many characters as it takes. */
function weigh(before: NodeBefore | null): number {
  if (!before) return 0;
  let characters = 0;
  for (const { value, changes = [] } of before.attrs) {
    if (value !== undefined) characters += weighJson(value);
    for (const change of changes) characters += typeof change === "string" ? change.length : 1;
  }
  return characters;
}

function weighJson(value: Json): number {
  if (typeof value === "string") return value.length;
  return value === null || typeof value !== "object" ? SHORT : JSON.stringify(value).length;
}

/** A number, or the like. */
const SHORT = 8;
