import { type Effect, EXPIRED, expireEvent, expireNode, type NodeId, purge } from "../tree/index.ts";
import { type EventPart, readEvents, withoutContent } from "./event-reader.ts";
import { type Commit, eventsOf, type Log, sizeOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";

/** What one round lets go at most; the next one goes on. */
export const MOST_COMMITS = 1_000;
const MOST_CHARS = 256 * 1024;
/** Removed branches that expire in one round: each is read and written. The last commit may have more. */
const MOST_DOOMED = 250;
/** Deleted in one round: about 5 ms. */
const PURGED_NODES = 250;

/** What has expired of a history: commits from before a time (Unix milliseconds), and those up to a seq. */
export interface Expired {
  readonly before: number;
  readonly upTo: number;
}

/** What may go of it: none that has an event behind `kept`, the oldest state with a name. */
export interface Bounds extends Expired {
  readonly kept: number;
}

/** Whether a commit may be let go of, when those in front of it are. */
export function mayGo({ last, time }: Pick<Commit, "last" | "time">, { before, upTo, kept }: Bounds): boolean {
  return last <= kept && (time < before || last <= upTo);
}

/** What a round has done. */
export interface Round {
  /** The seq that the last commit begins with that may be dropped, or null. */
  readonly first: number | null;
  /** Whether there is something to be written. */
  readonly changed: boolean;
  /** Whether another round has something to do. */
  readonly more: boolean;
}

/** What a history is let go of with. It remembers how far a large commit was read. */
export interface Retention {
  /** A round of it. `marked` is called in between, where records may be let go of. */
  letGo(log: Log, nodes: NodeRows, bounds: Bounds | null, marked: () => void): Round;
}

/** A commit that is too large for one round: what it has removed, as far as that was read. */
interface Reading {
  readonly first: number;
  readonly parts: Iterator<EventPart>;
  readonly removals: { readonly seq: number; readonly ops: readonly Effect[] }[];
  seq: number;
}

/**
 * A round of letting go of the oldest commits, as far as they may (null: of none): what they removed and nothing has
 * restored can be restored no more and is doomed, and some of what is doomed is deleted. The caller writes the nodes and drops
 * the commits together. Costs the commits, whatever lies below what they removed.
 */
export function createRetention(): Retention {
  let reading: Reading | null = null;
  /** The removals of a commit, if one round is enough to read the rest of it. */
  const read = (commit: Commit, pieces: () => Iterable<string>, nodes: NodeRows): Reading["removals"] | null => {
    if (reading?.first !== commit.first) {
      reading = { first: commit.first, parts: readEvents(pieces())[Symbol.iterator](), removals: [], seq: 0 };
    }
    const done = readOn(reading, nodes);
    const { removals } = reading;
    if (!done) return null;
    reading = null;
    return removals;
  };
  return {
    letGo(log, nodes, bounds, marked) {
      // First of all: the marks that this round makes are in no row yet.
      const looked = findDoomed(nodes, marked);
      const { first, more } = bounds ? expire(log, nodes, bounds, marked, read) : NOTHING;
      const purged = purgeDoomed(nodes, marked);
      return { first, changed: looked || first !== null || purged, more: more || nodes.doomed.waits };
    },
  };
}

const NOTHING = { first: null, more: false };

/** Reads a large commit as far as one round may; true at its end. The places that its events left go at once. */
function readOn(reading: Reading, nodes: NodeRows): boolean {
  for (let characters = 0; characters < MOST_CHARS; ) {
    const { done, value } = reading.parts.next();
    if (done) return true;
    characters += value.characters;
    if (value.is === "begin") reading.seq = value.head.seq;
    if (value.is !== "effect") continue;
    const event = { seq: reading.seq, ops: [value.effect] };
    const isPut = value.effect.op === "insert" || value.effect.op === "move";
    // An undo may have put it into something removed.
    if (isPut && value.effect.undo === undefined && value.effect.redo === undefined) expireEvent(nodes, event);
    else reading.removals.push({ ...event, ops: [withoutContent(value.effect)] });
  }
  return false;
}

type ReadAll = (commit: Commit, pieces: () => Iterable<string>, nodes: NodeRows) => Reading["removals"] | null;

function expire(
  log: Log,
  nodes: NodeRows,
  bounds: Bounds,
  marked: () => void,
  readAll: ReadAll,
): { first: number | null; more: boolean } {
  let first: number | null = null;
  let [commits, characters, doomed] = [0, 0, 0];
  for (const commit of log.after(0)) {
    if (!mayGo(commit, bounds)) break;
    if (commits >= MOST_COMMITS || characters >= MOST_CHARS || doomed >= MOST_DOOMED) return { first, more: true };
    const events = commit.pieces ? readAll(commit, commit.pieces, nodes) : eventsOf(commit);
    if (!events) return { first, more: true };
    for (const event of events) {
      // A node outlives what was removed out of it: it went later, or its removal came later in the same event.
      const tops = expireEvent(nodes, event, marked);
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
function findDoomed(nodes: NodeRows, marked: () => void): boolean {
  const page = nodes.doomed.look();
  if (!page) return false;
  const { found, until } = page;
  const expired: NodeId[] = [];
  for (const id of found) {
    const node = nodes.get(id);
    // It may have been restored, and removed again, since its row was written.
    if (!node || node.removed === null || Math.max(node.removed, node.past?.holds ?? 0) > until) continue;
    if (node.removed === EXPIRED) expired.push(id);
    else expireNode(nodes, node, marked);
  }
  if (until === EXPIRED) nodes.doomed.add(expired);
  return true;
}

/** Deletes some of what is doomed; says whether it had anything to do. */
function purgeDoomed(nodes: NodeRows, marked: () => void): boolean {
  const { doomed } = nodes;
  let left = PURGED_NODES;
  let any = false;
  for (let top = doomed.first; top !== undefined && left > 0; top = doomed.first) {
    any = true;
    left -= purge(nodes, top, left, (orphan) => doomed.add([orphan]), marked);
    marked();
    if (nodes.get(top)?.removed === EXPIRED) break;
    doomed.shift();
  }
  return any;
}
