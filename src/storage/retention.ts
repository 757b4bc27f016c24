import { expireEvent, purge } from "../tree/index.ts";
import { eventsOf, type Log, sizeOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";

/** What one checkpoint lets go at most; the next one goes on. */
const MOST_COMMITS = 1_000;
const MOST_CHARS = 4 * 1024 * 1024;
/** Removed branches that wait to be deleted: with more, no more of the history expires. */
const MOST_DOOMED = 1_000;

/**
 * Lets go of the commits before `until` (Unix milliseconds): what they removed and nothing has restored can be restored no
 * more and is doomed. Returns the seq that the last of these commits begins with, or null. The caller writes the nodes and
 * drops the commits together. Costs the commits, whatever lies below what they removed.
 */
export function expire(log: Log, nodes: NodeRows, until: number): number | null {
  let first: number | null = null;
  let commits = 0;
  let characters = 0;
  for (const commit of log.after(0)) {
    if (commit.time >= until || commits >= MOST_COMMITS || characters >= MOST_CHARS) break;
    if (nodes.doomed.length >= MOST_DOOMED) break;
    // A node outlives what was removed out of it: it went later, or its removal came later in the same event.
    for (const event of eventsOf(commit)) nodes.doomed.push(...expireEvent(nodes, event));
    first = commit.first;
    commits++;
    characters += sizeOf(commit);
  }
  return first;
}

/** Deletes at most so many nodes of what is doomed; returns how many. */
export function purgeDoomed(nodes: NodeRows, most: number): number {
  let purged = 0;
  while (nodes.doomed.length > 0 && purged < most) {
    const [top = ""] = nodes.doomed;
    purged += purge(nodes, top, most - purged);
    if ((nodes.get(top)?.removed ?? null) !== null) break;
    nodes.doomed.shift();
  }
  return purged;
}
