import type { HistoryFilter, TreeEvent } from "../protocol/index.ts";
import type { Effect, Json, NodeId } from "../tree/index.ts";
import type { Commit } from "./log.ts";
import type { NodeRows } from "./nodes.ts";
import { ANY_NODE, type Meter, type Slices } from "./slices.ts";

/** What an author, a node and `meta` let through; seqs and times are others' affair. */
export interface Filter {
  /** Cheaper than parsing: false where the text of a commit does not have what is looked for. */
  mayHave(commit: Commit): boolean;
  /** In slices, as an event may have 10 000 effects, each 1 000 levels deep. */
  lets(event: TreeEvent): Slices<boolean>;
}

/** With `subtree` it looks at the tree as that is then. */
export function createFilter(nodes: NodeRows, query: HistoryFilter, meter: Meter): Filter {
  const { node, where = {} } = query;
  const { userId, client, meta = {} } = where;
  const words = Object.keys(meta).map((key) => JSON.stringify(key));
  if (userId !== undefined) words.push(`"userId":${JSON.stringify(userId)}`);
  if (client !== undefined) words.push(`"client":"${client}"`);
  if (node !== undefined && !query.subtree) words.push(`"${node}"`);
  const isMeant = query.subtree && node !== undefined ? belowOf(nodes, node, meter) : (id: NodeId) => id === node;
  return {
    mayHave: ({ events }) => words.every((word) => events.includes(word)),
    *lets(event) {
      if (userId !== undefined && event.userId !== userId) return false;
      if (client !== undefined && event.client !== client) return false;
      for (const [key, value] of Object.entries(meta)) if (asText(event.meta?.[key]) !== value) return false;
      if (node === undefined) return true;
      for (const effect of event.ops) {
        if (meter.full()) yield;
        if (placesOf(effect).some(isMeant)) return true;
      }
      return false;
    },
  };
}

/** The node of an effect, and what that is put under. */
function placesOf(effect: Effect): readonly NodeId[] {
  if (effect.op === "insert") return [effect.node.id, effect.parent];
  return effect.op === "move" ? [effect.id, effect.parent] : [effect.id];
}

/** Whether nodes are this one or stand below it, alive or removed. What is found out on the way up is known from then on. */
function belowOf(nodes: NodeRows, top: NodeId, meter: Meter): (id: NodeId) => boolean {
  const known = new Map<NodeId, boolean>([[top, true]]);
  return (from) => {
    const way: NodeId[] = [];
    let here: NodeId | null = from;
    for (; here !== null && !known.has(here); here = nodes.above?.(here)?.parent ?? null) {
      way.push(here);
      meter.add(ANY_NODE);
    }
    const isBelow = here !== null && known.get(here) === true;
    for (const id of way) known.set(id, isBelow);
    return isBelow;
  };
}

function asText(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
