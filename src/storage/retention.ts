import { forgetRemoved, type Store } from "../tree/index.ts";
import { eventsOf, type Log, sizeOf } from "./log.ts";

/** What one checkpoint lets go at most; the next one goes on. */
const MOST_COMMITS = 1_000;
const MOST_CHARS = 4 * 1024 * 1024;
const MOST_NODES = 50_000;

/**
 * Deletes the nodes that commits before `until` (Unix milliseconds) removed and nothing has restored, and returns the
 * seq that the last of these commits begins with, or null. The caller writes the nodes and drops the commits together.
 * Costs what was removed, never a look through the nodes.
 */
export function expire(log: Log, nodes: Store, until: number): number | null {
  let first: number | null = null;
  let commits = 0;
  let characters = 0;
  let erased = 0;
  for (const commit of log.after(0)) {
    if (commit.time >= until || commits >= MOST_COMMITS || characters >= MOST_CHARS || erased >= MOST_NODES) break;
    // A node outlives what was removed out of it: it went later, or its removal came later in the same event.
    for (const { ops, seq } of eventsOf(commit)) erased += forgetRemoved(nodes, ops, seq);
    first = commit.first;
    commits++;
    characters += sizeOf(commit);
  }
  return first;
}
