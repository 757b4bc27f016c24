import type { DocumentOptions } from "../protocol/index.ts";
import { type Log, sizeOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";
import { dropHistory } from "./skips.ts";
import type { Tables } from "./tables.ts";

/** So much of the log goes at once; the rest goes as ever, in turns. */
const MOST_CHARS = 64 * 1024 * 1024;

/**
 * Lets go of the oldest of a history by options that are about to be, without a checkpoint: there is no room for one. What it has
 * removed is looked for afterwards. Deleting takes no pages, and both rows are there already. False where nothing can go.
 */
export function makeRoom(
  { tables, nodes, log }: { readonly tables: Tables; readonly nodes: NodeRows; readonly log: Log },
  { historyRetention, documentStorage }: DocumentOptions,
  now: number,
): boolean {
  const saved = tables.meta.get("checkpoint");
  if (historyRetention === null || !documentStorage || saved === undefined) return false;
  const checkpoint: { readonly seq: number } = JSON.parse(saved);
  let first: number | null = null;
  let last = 0;
  let characters = 0;
  for (const commit of log.after(0)) {
    if (characters >= MOST_CHARS || commit.last > checkpoint.seq || commit.time >= now - historyRetention) break;
    ({ first, last } = commit);
    characters += sizeOf(commit);
  }
  const dropped = first;
  if (dropped === null) return false;
  nodes.doomed.addRemoved(last);
  tables.transaction(() => {
    dropHistory(tables, log, dropped, last);
    tables.meta.put("checkpoint", JSON.stringify({ ...checkpoint, ...nodes.doomed.saved() }));
  });
  return true;
}
