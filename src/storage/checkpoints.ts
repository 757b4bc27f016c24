import { type DocumentOptions, limitsHistory } from "../protocol/index.ts";
import type { Clients } from "./clients.ts";
import { dropHistory } from "./drop-history.ts";
import { createHistoryBytes } from "./history-bytes.ts";
import { type Commit, type Log, sizeOf } from "./log.ts";
import type { NodeRows } from "./nodes.ts";
import { type Bounds, createRetention, type Expired } from "./retention.ts";
import type { Slices } from "./slices.ts";
import type { Tables } from "./tables.ts";
import type { Versions } from "./versions.ts";

/**
 * A wake-up replays at most this much of the log: 19 500 updates took about 60 ms (workerd, 2026-11-23). The more of them
 * one checkpoint stands for, the fewer rows each costs.
 */
const MOST_EVENTS = 20_000;
const MOST_CHARS = 4 * 1024 * 1024;
/** Changed nodes, and clients, are held in memory until the checkpoint: so many, and bytes of them. */
const MOST_NODES = 20_000;
const DUE_WEIGHT = 12 * 1024 * 1024;
/** With so much nothing more is decided before they are written: 200 updates of a byte in nodes of 1 MB were 200 MB (2026-11-27). */
const MOST_WEIGHT = 16 * 1024 * 1024;
/** Fewer are written at once: 15 µs each (workerd, 2026-11-27). */
const CHANGED_AT_ONCE = 256;
/** How often a checkpoint that is not written in steps lets go of history: 50 ms. The next one goes on. */
const EXPIRY_ROUNDS = 12;

/** Brings the rows of a document to where its log is, and lets go of what has expired. */
export interface Checkpoints {
  /** The seq that the node rows stand at. */
  readonly seq: number;
  /** Whether there is something that no checkpoint has, or that one has still to let go. */
  readonly wanted: boolean;
  /** Whether the log since the last one, or what has changed since, is large enough for the next one. */
  readonly due: boolean;
  /** Whether what has changed takes so much memory that it has to be written before anything more is decided. */
  readonly heavy: boolean;
  /** Writes it then; all of it has to be in the log. */
  lighten(): void;
  /** Writes what differs from the rows, whatever that is. */
  write(): void;
  /** Notes what stands in the log since the last one. */
  logged(commit: Commit): void;
  /** There may be something to let go. */
  want(): void;
  /** Forgets what the history takes: to be counted anew, as options may be about to change what is. */
  forgetCount(): void;
  /** Writes what differs from the rows; given the time, lets go of history that has expired, and of what it removed. */
  whole(now?: number): void;
  /** The same in steps, where much has changed: the others may commit in between. A whole one in between is welcome. */
  inSteps(now: number): Slices<void>;
  /** Writes what is known of all nodes together, and the seq: the rows have to stand there. */
  writeTotals(): void;
}

/** What checkpoints are made of: a document as it stands now. */
interface Source {
  readonly tables: Tables;
  readonly nodes: NodeRows;
  readonly clients: Clients;
  readonly log: Log;
  readonly versions: Versions;
  readonly options: DocumentOptions;
  readonly seq: number;
  readonly time: number;
  /** Something was written, or dropped. */
  wrote(): void;
}

/** The rows stand at the seq of now. */
export function createCheckpoints(document: Source): Checkpoints {
  const { tables, nodes, clients, versions } = document;
  let at = document.seq;
  let characters = 0;
  const retention = createRetention();
  const taken = createHistoryBytes(tables.meta, () => document.log);
  /** Whether the last one had more to let go than it could. */
  let behind = nodes.doomed.waits;
  // Without a log answers that are no events are in no row before a checkpoint writes them.
  const isDirty = () => document.seq > at || (!document.options.documentStorage && clients.dirty > 0);
  /** Whether the log has commits behind the one that begins with this seq. */
  const goesOnAfter = (first: number | null) => {
    const { log, seq } = document;
    const kept = first === null ? log.oldest() : (log.at(first)?.last ?? 0) + 1;
    return kept !== null && kept <= seq;
  };
  const writeTotals = () => {
    const { seq, time } = document;
    tables.meta.put("checkpoint", JSON.stringify({ seq, time, ...nodes.totals() }));
  };
  /** Writes what differs from the rows, and what belongs to it. */
  const write = (beside: () => void) => {
    const { seq } = document;
    tables.transaction(() => {
      nodes.write();
      clients.write();
      beside();
      writeTotals();
    });
    nodes.written();
    clients.written();
    document.wrote();
    at = seq;
    characters = 0;
  };
  const weight = () => nodes.dirtyWeight + clients.dirtyWeight;
  /** Writes what differs from the rows, and lets go of some of the history; says whether there may be more. */
  const save = (expired: Expired | null): boolean => {
    // What it lets go of may be more than memory holds: then it is written in between, and all of it or nothing.
    if (expired === null && !nodes.doomed.waits) return saveOnce(expired);
    return tables.transaction(() => saveOnce(expired));
  };
  const spill = () => {
    if (weight() < MOST_WEIGHT) return;
    nodes.write();
    nodes.written();
  };
  const saveOnce = (expired: Expired | null): boolean => {
    const { log, options, seq } = document;
    const { historyMaxBytes, documentStorage } = options;
    const isCounted = expired !== null && historyMaxBytes !== null && documentStorage;
    const counted = isCounted && taken.count();
    const upTo = isCounted && !taken.behind ? taken.past(historyMaxBytes) : 0;
    const round = retention.letGo(log, nodes, expired && boundsOf(expired, upTo), spill);
    const changed = round.changed || counted;
    let { first, more } = round;
    if (isCounted && taken.behind) more = true;
    // A history in memory may go with it: what this round could not let go of is looked for, or it would stay for ever.
    if (expired && !options.documentStorage && goesOnAfter(first)) {
      nodes.doomed.addRemoved(seq);
      first = seq;
      more = true;
    }
    if (!isDirty() && !changed && first === null) return more;
    write(() => {
      if (first !== null && isCounted) taken.drop(first);
      if (first !== null) dropHistory({ log, skips: tables.skips, versions }, first, seq);
      if (isCounted) taken.write();
    });
    return more;
  };
  /** What may go of that, and what takes too many bytes: a version may have been named in the round before. */
  const boundsOf = ({ before, upTo }: Expired, past: number): Bounds => ({
    before,
    upTo: Math.max(upTo, past),
    kept: versions.oldestNamed ?? Number.POSITIVE_INFINITY,
  });
  /** What has expired by now; null: nothing. */
  const expiredAt = (now: number): Expired | null => {
    const { options, seq, time } = document;
    if (!limitsHistory(options)) return null;
    const { historyRetention, historyMaxEvents } = options;
    // A history in memory goes with the memory, and nobody would know any more what it has removed.
    if (!options.documentStorage) return { before: time + 1, upTo: seq };
    return {
      before: historyRetention === null ? Number.NEGATIVE_INFINITY : now - historyRetention,
      upTo: historyMaxEvents === null ? 0 : seq - historyMaxEvents,
    };
  };

  return {
    get seq() {
      return at;
    },
    get wanted() {
      return behind || isDirty();
    },
    get due() {
      const isLong = document.seq - at >= MOST_EVENTS || characters >= MOST_CHARS;
      return isLong || nodes.dirty >= MOST_NODES || weight() >= DUE_WEIGHT;
    },
    get heavy() {
      return weight() >= MOST_WEIGHT;
    },
    lighten() {
      if (weight() >= MOST_WEIGHT) write(() => {});
    },
    write: () => write(() => {}),
    logged(commit) {
      characters += sizeOf(commit);
    },
    want() {
      behind = true;
    },
    forgetCount: taken.forget,
    whole(now) {
      const expired = now === undefined ? null : expiredAt(now);
      behind = true;
      for (let round = 0; behind && round < EXPIRY_ROUNDS; round++) behind = save(expired);
    },
    *inSteps(now) {
      // What is committed meanwhile waits for the next one: this one has an end. Without a log nobody will know of it then.
      const expired = expiredAt(now);
      do {
        while (nodes.unwritten > CHANGED_AT_ONCE) {
          const ids = nodes.nextEarly();
          if (ids.length === 0) break;
          tables.transaction(() => nodes.writeEarly(ids));
          nodes.wroteEarly(ids);
          yield;
        }
        behind = save(document.options.documentStorage ? expired : expiredAt(now));
        if (behind) yield;
      } while (behind);
    },
    writeTotals,
  };
}
