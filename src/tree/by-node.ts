import type { Step } from "./draft.ts";
import type { NodeId } from "./node.ts";
import type { EditEffect, Effect, Inverse } from "./operations.ts";

// What an event did to one node. It may have done something to 10 000: looked for one by one, that took 2 s (2026-11-27).

const inverses = new WeakMap<readonly Inverse[], ReadonlyMap<NodeId, readonly Inverse[]>>();
const effects = new WeakMap<readonly Effect[], ReadonlyMap<NodeId, readonly Effect[]>>();

/** What undoes it, newest first. */
export function inversesOn({ inverse }: Step, id: NodeId): readonly Inverse[] {
  const known = inverses.get(inverse) ?? grouped(inverse, (each) => each.id);
  inverses.set(inverse, known);
  return known.get(id) ?? [];
}

export function effectsOn(step: Step, id: NodeId): readonly Effect[] {
  const known = effects.get(step.effects) ?? grouped(step.effects, idOf);
  effects.set(step.effects, known);
  return known.get(id) ?? [];
}

/** The rows that its splits have made. */
export function rowsMadeBy({ effects }: Step): ReadonlySet<NodeId> {
  return new Set(effects.flatMap((each) => (each.op === "edit" && each.split ? [each.split.node] : [])));
}

/** The rows whose texts it is about: a join with nothing to bring says so only in the row that it was. */
export function rowsOf({ id, join, split }: EditEffect): NodeId[] {
  return [id, ...(join ? [join.into] : []), ...(split ? [split.node] : [])];
}

/** The node that an effect is about. */
export function idOf(effect: Effect): NodeId {
  return effect.op === "insert" ? effect.node.id : effect.id;
}

function grouped<T>(list: readonly T[], id: (item: T) => NodeId): ReadonlyMap<NodeId, readonly T[]> {
  const groups = new Map<NodeId, T[]>();
  for (const each of list) {
    const group = groups.get(id(each));
    if (group) group.push(each);
    else groups.set(id(each), [each]);
  }
  return groups;
}
