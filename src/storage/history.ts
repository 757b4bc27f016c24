import type { HistoryEntry, HistoryQuery } from "../protocol/index.ts";
import { applyInverse, createLayer, type Effect, type Json, type NodeId, type ReadStore } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { type Commit, entriesOf, eventsOf, sizeOf } from "./log.ts";

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Whether there may be more; then go on after `next`. */
  readonly more: boolean;
  readonly next: number;
}

const DEFAULT_LIMIT = 100;
/** What one page may look through, in characters of log: a filter that matches nothing must not read the whole log. */
const SCAN_CHARS = 16 * 1024 * 1024;
/** What may be looked through backward for the sake of one call, in characters of log. */
const BACKWARD_CHARS = 64 * 1024 * 1024;
/** What one page may hold, so that an answer stays well under what a call can return. */
const PAGE_CHARS = 4 * 1024 * 1024;

/** A page of the history, oldest first. */
export function historyPage(document: StoredDocument, query: HistoryQuery): HistoryPage {
  const { after = 0, since = 0, limit = DEFAULT_LIMIT } = query;
  const entries: HistoryEntry[] = [];
  let next = after;
  let scanned = 0;
  let held = 0;
  for (const commit of document.log.after(after, since)) {
    const size = sizeOf(commit);
    if (scanned > SCAN_CHARS || held > PAGE_CHARS) return { entries, more: true, next };
    scanned += size;
    for (const entry of entriesOf(commit)) {
      if (entry.seq <= after) continue;
      if (entries.length >= limit) return { entries, more: true, next };
      next = entry.seq;
      if (query.until !== undefined && entry.time >= query.until) return { entries, more: false, next };
      if (!matches(entry, query)) continue;
      entries.push(entry);
      held += size / (commit.last - commit.first + 1);
    }
  }
  return { entries, more: false, next };
}

function matches(entry: HistoryEntry, { since, node, where = {} }: HistoryQuery): boolean {
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

/**
 * The tree as it was at an earlier seq, as a view over the tree of now. Costs the events since then; null where the log
 * does not reach back to it, or has more than 64 Mi characters since.
 */
export function treeAt(document: StoredDocument, seq: number): ReadStore | null {
  if (seq >= document.seq) return document.nodes;
  if (!document.reaches(seq)) return null;
  const layer = createLayer(document.nodes, null);
  let scanned = 0;
  for (const commit of document.log.backward()) {
    if (commit.last <= seq) break;
    scanned += sizeOf(commit);
    if (scanned > BACKWARD_CHARS) return null;
    for (const entry of entriesOf(commit).reverse()) {
      if (entry.seq <= seq) break;
      for (const inverse of entry.inverse) applyInverse(layer, inverse);
    }
  }
  return layer;
}

/**
 * The first answers to counters of a client that were accepted: the texts of their events. Counters and seqs of a
 * client rise together, so it looks back from the last event to the lowest counter that is asked for, through
 * 64 Mi characters of log at most.
 */
export function readAnswers(
  document: StoredDocument,
  client: string,
  counters: ReadonlySet<number>,
): Map<number, string> {
  const lowest = Math.min(...counters);
  const answers = new Map<number, string>();
  let scanned = 0;
  for (const commit of document.log.backward()) {
    let passed = false;
    for (const event of mentions(commit, client) ? eventsOf(commit) : []) {
      if (event.client !== client || event.mutation === null) continue;
      if (counters.has(event.mutation)) answers.set(event.mutation, JSON.stringify(event));
      passed ||= event.mutation <= lowest;
    }
    scanned += commit.events.length;
    if (passed || answers.size === counters.size || scanned > BACKWARD_CHARS) return answers;
  }
  return answers;
}

/** Cheaper than parsing: a commit that does not name the client anywhere has no event of it. */
function mentions(commit: Commit, client: string): boolean {
  return commit.events.includes(`"client":"${client}"`);
}
