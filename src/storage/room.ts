import type { DocumentOptions } from "../protocol/index.ts";
import { dropHistory } from "./drop-history.ts";
import { type Log, sizeOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";
import { mayGo } from "./retention.ts";
import type { Tables } from "./tables.ts";
import type { Versions } from "./versions.ts";

/** So much of the log goes at once; the rest goes as ever, in turns. */
const MOST_CHARS = 64 * 1024 * 1024;

/** The history, and what it belongs to. */
interface Kept {
  readonly tables: Tables;
  readonly nodes: NodeRows;
  readonly log: Log;
  readonly versions: Versions;
}

/**
 * Lets go of the oldest of a history by options that are about to be, without a checkpoint: there is no room for one. What it has
 * removed is looked for afterwards. Deleting takes no pages, and both rows are there already. False where nothing can go.
 */
export function makeRoom(
  { tables, nodes, log, versions }: Kept,
  { historyRetention, historyMaxEvents, documentStorage }: DocumentOptions,
  now: number,
): boolean {
  const saved = tables.meta.get("checkpoint");
  if ((historyRetention === null && historyMaxEvents === null) || !documentStorage || saved === undefined) return false;
  const checkpoint: { readonly seq: number } = JSON.parse(saved);
  const bounds = {
    before: historyRetention === null ? Number.NEGATIVE_INFINITY : now - historyRetention,
    upTo: historyMaxEvents === null ? 0 : checkpoint.seq - historyMaxEvents,
    kept: versions.oldestNamed ?? Number.POSITIVE_INFINITY,
  };
  let first: number | null = null;
  let last = 0;
  let characters = 0;
  for (const commit of log.after(0)) {
    if (characters >= MOST_CHARS || commit.last > checkpoint.seq || !mayGo(commit, bounds)) break;
    ({ first, last } = commit);
    characters += sizeOf(commit);
  }
  const dropped = first;
  if (dropped === null) return false;
  nodes.doomed.addRemoved(last);
  tables.transaction(() => {
    dropHistory({ log, skips: tables.skips, versions }, dropped, last);
    tables.meta.put("checkpoint", JSON.stringify({ ...checkpoint, ...nodes.doomed.saved() }));
  });
  return true;
}
