import type { HistoryEntry, HistoryPage, HistoryQuery, LoggedEvent } from "../protocol/index.ts";
import type { Effect, Inverse, Json, NodeId } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { entriesOf, workOf } from "./log.ts";
import { createMeter, type Slices } from "./slices.ts";

const DEFAULT_LIMIT = 100;
/** What one page may look through, as `workOf` measures it: a filter that matches nothing must not hold up everyone else. */
const MOST_WORK = 2 * 1024 * 1024;

/** A page of the history, oldest first. */
export function* historyPage(document: StoredDocument, query: HistoryQuery): Slices<HistoryPage> {
  const { after = 0, since = 0, limit = DEFAULT_LIMIT } = query;
  const meter = createMeter();
  const entries: HistoryEntry[] = [];
  let next = after;
  let work = 0;
  for (const commit of document.log.after(after, since)) {
    if (work > MOST_WORK) return { entries, more: true, next };
    // What is committed or let go of meanwhile is there, or is not.
    if (meter.full()) yield;
    const parsed = workOf(commit.events) + workOf(commit.inverses);
    work += parsed;
    meter.add(parsed);
    for (const entry of entriesOf(commit)) {
      if (entry.seq <= after) continue;
      if (entries.length >= limit) return { entries, more: true, next };
      next = entry.seq;
      if (query.until !== undefined && entry.time >= query.until) return { entries, more: false, next };
      if (!matches(entry, query)) continue;
      entries.push({ ...entry, touched: [], inverse: entry.inverse.map(withoutAsked) });
    }
  }
  return { entries, more: false, next };
}

/** How an event was made is of concern to nobody else. */
function withoutAsked(inverse: Inverse): Inverse {
  if (inverse.op !== "edit" || !inverse.asked) return inverse;
  const { asked: _, ...rest } = inverse;
  return rest;
}

function matches(entry: LoggedEvent, { since, node, where = {} }: HistoryQuery): boolean {
  const { userId, client, meta } = where;
  if (since !== undefined && entry.time < since) return false;
  if (userId !== undefined && entry.userId !== userId) return false;
  if (client !== undefined && entry.client !== client) return false;
  if (node !== undefined && !entry.ops.some((effect) => touches(effect, node))) return false;
  return Object.entries(meta ?? {}).every(([key, value]) => asText(entry.meta?.[key]) === value);
}

function touches(effect: Effect, node: NodeId): boolean {
  if (effect.op === "insert") return effect.node.id === node || effect.parent === node;
  return effect.id === node || (effect.op === "move" && effect.parent === node);
}

function asText(value: Json | undefined): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
