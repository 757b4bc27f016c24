import { EXPIRED, expireEvent, expireNode, type NodeId, purge } from "../tree/index.ts";
import { eventsOf, type Log, sizeOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";

/** What one round lets go at most; the next one goes on. */
const MOST_COMMITS = 1_000;
const MOST_CHARS = 256 * 1024;
/** Removed branches that expire in one round: each is read and written. The last commit may have more. */
const MOST_DOOMED = 250;
/** Deleted in one round: about 5 ms. */
const PURGED_NODES = 250;

/** What a round has done. */
export interface Round {
  /** The seq that the last commit begins with that may be dropped, or null. */
  readonly first: number | null;
  /** Whether there is something to be written. */
  readonly changed: boolean;
  /** Whether another round has something to do. */
  readonly more: boolean;
}

/**
 * A round of letting go of the commits before `until` (Unix milliseconds; null: of none): what they removed and nothing has
 * restored can be restored no more and is doomed, and some of what is doomed is deleted. The caller writes the nodes and drops
 * the commits together. Costs the commits, whatever lies below what they removed.
 */
export function letGo(log: Log, nodes: NodeRows, until: number | null): Round {
  // First of all: the marks that this round makes are in no row yet.
  const looked = findDoomed(nodes);
  const { first, more } = until === null ? { first: null, more: false } : expire(log, nodes, until);
  const purged = purgeDoomed(nodes);
  return { first, changed: looked || first !== null || purged, more: more || nodes.doomed.waits };
}

function expire(log: Log, nodes: NodeRows, until: number): { first: number | null; more: boolean } {
  let first: number | null = null;
  let [commits, characters, doomed] = [0, 0, 0];
  for (const commit of log.after(0)) {
    if (commit.time >= until) break;
    if (commits >= MOST_COMMITS || characters >= MOST_CHARS || doomed >= MOST_DOOMED) return { first, more: true };
    for (const event of eventsOf(commit)) {
      // A node outlives what was removed out of it: it went later, or its removal came later in the same event.
      const tops = expireEvent(nodes, event);
      nodes.doomed.add(tops);
      doomed += tops.length;
    }
    first = commit.first;
    commits++;
    characters += sizeOf(commit);
  }
  return { first, more: false };
}

/** Looks for some of what stands in no list, and marks or lists it; says whether it looked. */
function findDoomed(nodes: NodeRows): boolean {
  const page = nodes.doomed.look();
  if (!page) return false;
  const { found, until } = page;
  const marked: NodeId[] = [];
  for (const id of found) {
    const node = nodes.get(id);
    // It may have been restored, and removed again, since its row was written.
    if (!node || node.removed === null || node.removed > until) continue;
    if (node.removed === EXPIRED) marked.push(id);
    else expireNode(nodes, node);
  }
  if (until === EXPIRED) nodes.doomed.add(marked);
  return true;
}

/** Deletes some of what is doomed; says whether it had anything to do. */
function purgeDoomed(nodes: NodeRows): boolean {
  const { doomed } = nodes;
  let left = PURGED_NODES;
  let any = false;
  for (let top = doomed.first; top !== undefined && left > 0; top = doomed.first) {
    any = true;
    left -= purge(nodes, top, left, (orphan) => doomed.add([orphan]));
    if (nodes.get(top)?.removed === EXPIRED) break;
    doomed.shift();
  }
  return any;
}
