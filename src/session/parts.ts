import { byteLength, deltaFrame, eventText, LIMITS, snapshotFrame, type TreeEvent } from "../protocol/index.ts";
import { type Commit, eventsOf, type StoredDocument } from "../storage.ts";
import { rowText } from "../tree/index.ts";
import { restoredSince } from "./restored.ts";
import { inRuns } from "./runs.ts";

/** A snapshot under way to one subscriber. */
export interface Snapshot {
  readonly seq: number;
  /** The next frame, and whether it is the last; null when too much has changed since the first to go on. */
  next(): { readonly frame: string; readonly done: boolean } | null;
  /** Must be called when nobody wants the rest. */
  release(): void;
}

/** Ids of nodes that are in no row yet, which all readers together may hold. */
const MOST_HELD = 16_000;

/**
 * The tree of now in frames of about `partBytes`, to be sent over as long a time as it takes. `mutation` is the highest counter that
 * was answered to whom it is sent.
 */
export function startSnapshot(document: StoredDocument, now: number, mutation: number): Snapshot {
  // Every reader keeps a list of what is in no row yet; a hundred that come after a large change must not keep it each.
  const { dirty, readers } = document.nodes;
  if (dirty * readers > MOST_HELD) document.checkpoint(now);
  const frozen = document.nodes.freeze();
  const { seq } = document;
  const nodes = frozen.texts();
  let ahead = nodes.next();
  return {
    seq,
    next() {
      if (frozen.overtaken) return null;
      const part: string[] = [];
      let bytes = 0;
      while (!ahead.done && bytes < LIMITS.partBytes) {
        if (ahead.value) {
          const row = rowText(ahead.value);
          part.push(row);
          bytes += byteLength(row) + 1;
        }
        ahead = nodes.next();
      }
      const done = ahead.done === true;
      if (done) frozen.release();
      return { frame: snapshotFrame(seq, part, done ? mutation : null), done };
    },
    release: frozen.release,
  };
}

/** A frame of events up to `seq`. */
export interface Delta {
  readonly frame: string;
  readonly seq: number;
  readonly restores: number | null;
  /** Bytes of the log that were read for it. */
  readonly read: number;
}

/**
 * The next frame of events after `seq`, or null when there is nothing more in the log. What others than `runsFor` have typed is in runs
 * then.
 */
export function nextDelta(document: StoredDocument, seq: number, runsFor?: string): Delta | null {
  if (seq >= document.seq) return null;
  const texts: string[] = [];
  const events: TreeEvent[] = [];
  let read = 0;
  let reached = seq;
  for (const commit of document.log.after(seq)) {
    if (runsFor === undefined) texts.push(textAfter(commit, seq));
    else events.push(...eventsAfter(commit, seq));
    // Of runs, too, what is read: it may be much, and come to little.
    read += byteLength(commit.events);
    reached = commit.last;
    if (read >= LIMITS.partBytes) break;
  }
  if (runsFor !== undefined) texts.push(...inRuns(events, runsFor).map(eventText));
  return { frame: deltaFrame(texts, document.space), seq: reached, restores: restoredSince(texts), read };
}

function eventsAfter(commit: Commit, seq: number): TreeEvent[] {
  return eventsOf(commit).filter((event) => event.seq > seq);
}

/** Only a commit that the subscriber has a part of must be taken apart. */
function textAfter(commit: Commit, seq: number): string {
  return commit.first > seq ? commit.events : eventsAfter(commit, seq).map(eventText).join(",");
}
