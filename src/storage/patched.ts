import type { Json, NodeId, NodeRecord, ReadStore, Store } from "../tree/index.ts";
import { backTo, composeNode, type NodeBefore } from "./skip-deltas.ts";

/** A tree whose removed branches may be counted at once. */
export type Counting = ReadStore & Partial<Pick<Store, "countsAtOnce">>;

/** A tree with what nodes were before, made when somebody looks at them: to go far back reads no node that nobody asks for. */
export interface Patched {
  readonly view: Counting;
  /** What a node was before what it was so far; null: nothing. */
  add(id: NodeId, before: NodeBefore | null): void;
  /** How many nodes differ, and about how many characters of attributes that is. */
  readonly count: number;
  readonly characters: number;
}

export function createPatched(base: Counting): Patched {
  const patches = new Map<NodeId, NodeBefore | null>();
  /** To weigh a node takes about as long as to read it: it is done once for each step. */
  const weights = new Map<NodeId, number>();
  let characters = 0;
  const get = (id: NodeId): Readonly<NodeRecord> | undefined => {
    const before = patches.get(id);
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
      above: (id) => (patches.has(id) || !base.above ? get(id) : base.above(id)),
      below: (id) => (patches.has(id) || !base.below ? get(id) : base.below(id)),
      stem: (id, toward) => (patches.has(id) || !base.stem ? get(id) : base.stem(id, toward)),
      expectAbove: (ids) => base.expectAbove?.(ids),
      expect: (ids) => base.expect?.(ids),
    },
    add(id, before) {
      const all = composeNode(patches.get(id), before);
      const weight = weigh(all);
      characters += weight - (weights.get(id) ?? 0);
      weights.set(id, weight);
      patches.set(id, all);
    },
    get count() {
      return patches.size;
    },
    get characters() {
      return characters;
    },
  };
}

/** About as many characters as it takes. */
function weigh(before: NodeBefore | null): number {
  if (!before) return 0;
  let characters = 0;
  for (const was of before.attrs.values()) {
    if (!was) continue;
    if ("value" in was) characters += weighJson(was.value);
    else for (const change of was.changes) characters += typeof change === "string" ? change.length : 1;
  }
  return characters;
}

function weighJson(value: Json): number {
  if (typeof value === "string") return value.length;
  return value === null || typeof value !== "object" ? SHORT : JSON.stringify(value).length;
}

/** A number, or the like. */
const SHORT = 8;
