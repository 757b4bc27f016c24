import type { TreeEvent } from "../protocol/index.ts";
import { seqOf } from "./accepted.ts";
import type { StoredDocument } from "./document.ts";
import { type Commit, eventsOf, workOf } from "./log.ts";
import type { Meter, Slices } from "./slices.ts";

/** What finds the events that accepted mutations of a client. */
export interface Repeats {
  /**
   * The seqs of those of these counters that an event has answered. What the client's record names is found at once; for what
   * is older the log is looked through, once for all of them.
   */
  locate(counters: readonly number[]): Slices<ReadonlyMap<number, number>>;
  /** The event at a seq that was located; undefined where the log does not have it any more. */
  read(counter: number, seq: number): TreeEvent | undefined;
}

export function createRepeats(document: StoredDocument, client: string, meter: Meter): Repeats {
  /** Several counters in a row are often in one commit: it is taken apart once. */
  let opened: readonly TreeEvent[] = [];
  return {
    *locate(counters) {
      const found = new Map<number, number>();
      const record = document.clients.get(client);
      if (!record) return found;
      const older = new Set<number>();
      for (const counter of counters) {
        const seq = seqOf(record.accepted, counter);
        if (seq === undefined) older.add(counter);
        else if (seq !== null) found.set(counter, seq);
      }
      if (older.size > 0) yield* lookBack(document, client, older, found, meter);
      return found;
    },
    read(counter, seq) {
      if (!isIn(opened, seq)) {
        const commit = document.log.at(seq);
        meter.add(commit ? workOf(commit.events) : 0);
        opened = commit ? eventsOf(commit) : [];
      }
      const event = opened.find((each) => each.seq === seq);
      // Where events were never stored, another one may have taken the seq.
      return event?.client === client && event.mutation === counter ? event : undefined;
    },
  };
}

function isIn(events: readonly TreeEvent[], seq: number): boolean {
  const [first] = events;
  return first !== undefined && first.seq <= seq && seq < first.seq + events.length;
}

/** Counters and seqs of a client rise together, so the look back ends at the lowest counter that is asked for. */
function* lookBack(
  document: StoredDocument,
  client: string,
  wanted: Set<number>,
  found: Map<number, number>,
  meter: Meter,
): Slices<void> {
  const lowest = Math.min(...wanted);
  const [oldest] = document.clients.get(client)?.accepted.runs ?? [];
  for (const commit of document.log.backward(oldest?.[1])) {
    let passed = false;
    for (const { client: author, mutation, seq } of eventsBy(commit, client, meter)) {
      if (author !== client || mutation === null) continue;
      if (wanted.delete(mutation)) found.set(mutation, seq);
      passed ||= mutation <= lowest;
    }
    if (passed || wanted.size === 0) return;
    if (meter.full()) yield;
  }
}

/** Cheaper than parsing: a commit that does not name the client anywhere has no event of it. */
function eventsBy(commit: Commit, client: string, meter: Meter): readonly TreeEvent[] {
  const { events, inverses } = commit;
  meter.add((workOf(events) + workOf(inverses)) / LOOKED_THROUGH);
  if (!events.includes(`"client":"${client}"`)) return [];
  meter.add(workOf(events));
  return eventsOf(commit);
}

/** So much faster than parsing it is to read a text and to look for a word in it. */
const LOOKED_THROUGH = 4;
