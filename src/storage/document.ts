import { type DocumentOptions, LIMITS, limitsHistory, type Space, type TreeEvent } from "../protocol/index.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { type Clients, createClients } from "./clients.ts";
import { dropHistory } from "./drop-history.ts";
import {
  type Counters,
  type Due,
  type Life,
  NO_WAKE_UPS,
  plus,
  type Tally,
  total,
  type WakeReason,
  writeLife,
} from "./life.ts";
import { type Log, sizeOf } from "./log.ts";
import { createMemoryLog } from "./memory-log.ts";
import type { NodeRows } from "./nodes.ts";
import { createRecent, type Glimpse, glimpseOf, type Recent } from "./recent.ts";
import { replay } from "./replay.ts";
import { makeRoom } from "./room.ts";
import { makeSkips } from "./skip-building.ts";
import type { Meter, Slices } from "./slices.ts";
import { createStored } from "./space.ts";
import { isStorageFull } from "./sql.ts";
import type { RowTexts, SkipTable, Tables } from "./tables.ts";
import { createRecentTexts, type RecentTexts } from "./texts.ts";
import { createVersions, type Versions } from "./versions.ts";

/** A document in storage: node rows, clients and log, and the seq that they stand at. */
export interface StoredDocument {
  readonly incarnation: string;
  /** A number that nobody outside learns: the places of what is gone are balanced by it. */
  readonly salt: number;
  readonly createdAt: number;
  readonly options: DocumentOptions;
  readonly nodes: NodeRows;
  /** All that is stored beside the nodes, as text. */
  readonly rows: RowTexts;
  readonly clients: Clients;
  readonly log: Log;
  /** Steps back through many events at once. */
  readonly skips: SkipTable;
  readonly versions: Versions;
  /** Deletes a version. What it alone has kept of the history may go with the next checkpoint. */
  forgetVersion(id: string): void;
  /** The last seq in the log. */
  readonly seq: number;
  /** When that was committed. The clock of a document never goes back. */
  readonly time: number;
  /** The seq that the node rows stand at. */
  readonly checkpointSeq: number;
  /** Whether there is something that no checkpoint has, or that one has still to let go. */
  readonly dirty: boolean;
  /** Whether the log since the checkpoint, or what has changed since, is large enough for the next one. */
  readonly checkpointDue: boolean;
  /**
   * Whether what has changed takes so much memory that it has to be written before anything more is decided: whoever decides
   * several mutations commits what waits, and calls `lighten`, between two of them.
   */
  readonly heavy: boolean;
  /** Writes what differs from the rows if that is so much; all of it has to be in the log. */
  lighten(): void;
  readonly due: Due;
  readonly counters: Counters;
  /** The first seq that the history has, or will have. */
  readonly historyFrom: number;
  readonly bytes: number;
  /** Whether there is room for more. Asked for at each mutation, and measured once after each commit. */
  readonly space: Space;
  /** Replays what the log has after the checkpoint: to be done before all else. */
  catchUp(meter: Meter): Slices<void>;
  append(commit: NewCommit): void;
  /** Writes what differs from the rows; given the time, lets go of history that has expired, and of what it removed. */
  checkpoint(now?: number): void;
  /** The same in steps, where much has changed: the others may commit in between. A checkpoint in between is welcome. */
  checkpointInSteps(now: number): Slices<void>;
  /** Stores what is due, if it is another object than before. */
  setDue(due: Due): void;
  /** Changes the options, after a checkpoint, and makes one due; false where they are the same already. */
  configure(options: DocumentOptions): boolean;
  /** What sockets carry through a hibernation; the same object as long as the document is open. */
  readonly tally: Readonly<Tally>;
  /** Counts why the object is awake, and what was carried. */
  noteWakeUp(reason: WakeReason | null, carried: Iterable<Readonly<Tally>>): void;
  /** Whether the log has everything after `seq`. */
  reaches(seq: number): boolean;
  /** The last events at a glance, and who made the others. */
  readonly recent: Recent;
  /** What has happened to texts last. Whoever decides an event notes it, before it is in the log. */
  readonly texts: RecentTexts;
}

export interface NewCommit {
  readonly time: number;
  readonly events: readonly TreeEvent[];
  /** The text of each event, as it is sent. */
  readonly texts: readonly string[];
  /** For each event the list of what undoes it, as text. */
  readonly inverses: readonly string[];
  /** Clients with an answer that is no event. */
  readonly answered: ReadonlySet<string>;
  /** How many rejections there were among these. */
  readonly rejections: number;
}

/** To replay a small commit takes as long as this many characters. */
const SMALL = 512;

/** What was read of a document. */
export interface StoredHead {
  readonly tables: Tables;
  readonly incarnation: string;
  readonly salt: number;
  readonly createdAt: number;
  readonly options: DocumentOptions;
  readonly nodes: NodeRows;
  readonly checkpoint: { readonly seq: number; readonly time: number };
  readonly life: Life;
}

export function createStoredDocument(head: StoredHead): StoredDocument {
  const { tables, incarnation, salt, createdAt, nodes, life } = head;
  let { options } = head;
  const clients = createClients(tables.clients);
  const versions = createVersions(tables.versions);
  // Without document storage the last events are kept in memory, for those who read slowly.
  let log = options.documentStorage ? tables.log : createMemoryLog();
  let { seq, time } = head.checkpoint;
  const recent = createRecent(() => log, seq);
  const texts = createRecentTexts(seq, () => seq);
  let { due, counters, seq: lifeSeq } = life;
  const tally: Tally = { version: life.version, wakeUps: NO_WAKE_UPS };

  const note = (event: Pick<TreeEvent, "seq" | "time">, glimpse: Glimpse) => {
    seq = event.seq;
    time = event.time;
    recent.note(glimpse);
  };
  const stored = createStored(tables);
  const count = ({ commits = 0, mutations = 0, rejections = 0, rowsWritten = 0 }: Partial<Counters>) => {
    counters = {
      ...counters,
      commits: counters.commits + commits,
      mutations: counters.mutations + mutations,
      rejections: counters.rejections + rejections,
      rowsWritten: counters.rowsWritten + rowsWritten,
    };
  };
  const counted = (): Counters => {
    count({ rowsWritten: tables.takeRowsWritten() });
    return counters;
  };

  const checkpoints = createCheckpoints({
    ...{ tables, nodes, clients, versions },
    get log() {
      return log;
    },
    get options() {
      return options;
    },
    get seq() {
      return seq;
    },
    get time() {
      return time;
    },
    wrote: stored.changed,
  });

  /** Notes the state in which the document was left, if that is long ago. */
  const noteSilence = (now: number) => {
    const { automaticVersions, documentStorage } = options;
    if (automaticVersions === 0 || !documentStorage || seq === 0 || now - time < LIMITS.silenceBeforeVersion) return;
    versions.put({ id: `auto-${seq}`, name: null, seq, time: now, userId: null });
    versions.trim(automaticVersions);
  };
  const reach = { back: 0 };
  const document: StoredDocument = {
    ...{ incarnation, salt, createdAt, nodes },
    rows: tables.rows,
    skips: tables.skips,
    versions,
    forgetVersion(id) {
      versions.delete(id);
      checkpoints.want();
    },
    clients,
    get options() {
      return options;
    },
    get log() {
      return log;
    },
    get seq() {
      return seq;
    },
    get time() {
      return time;
    },
    get checkpointSeq() {
      return checkpoints.seq;
    },
    get dirty() {
      return checkpoints.wanted;
    },
    get checkpointDue() {
      return checkpoints.due;
    },
    get heavy() {
      return checkpoints.heavy;
    },
    lighten: checkpoints.lighten,
    get due() {
      return due;
    },
    get counters() {
      return counted();
    },
    get historyFrom() {
      return log.oldest() ?? seq + 1;
    },
    get bytes() {
      return stored.bytes;
    },
    get space() {
      return stored.spaceFor(options.maxBytes);
    },
    append({ events, texts, inverses, answered, rejections, time: at }) {
      // Answers that are no events, and a body in parts, are more than one row.
      tables.transaction(() => {
        const [first] = events;
        if (first) {
          const commit = {
            first: first.seq,
            last: first.seq + events.length - 1,
            time: at,
            events: texts.join(","),
            inverses: inverses.join(","),
          };
          // What a checkpoint has, or was counted, stays in rows of its own: the others are replayed, and counted again.
          log.append(commit, { events, texts, inverses, after: Math.max(checkpoints.seq, lifeSeq) });
          checkpoints.logged(commit);
          noteSilence(at);
          stored.logged(sizeOf(commit), options.maxBytes);
        }
        if (options.documentStorage) clients.write(answered);
      });
      if (options.documentStorage) clients.written(answered);
      for (const event of events) note(event, glimpseOf(event));
      count({ commits: events.length > 0 ? 1 : 0, mutations: events.length, rejections });
    },
    checkpoint: checkpoints.whole,
    *catchUp(meter) {
      for (const commit of log.after(checkpoints.seq)) {
        checkpoints.logged(commit);
        const { first, last, commits = 1 } = commit;
        if (first > life.seq) count({ commits, mutations: last - first + 1, rowsWritten: commits });
        replay(commit, { tables, nodes, clients, checkpoints, note, texts });
        meter.add(sizeOf(commit) + SMALL);
        if (meter.full()) yield;
      }
    },
    *checkpointInSteps(now) {
      yield* checkpoints.inSteps(now);
      if (options.documentStorage) yield* makeSkips(document, reach);
    },
    setDue(next) {
      // What was counted of commits that a checkpoint has is in no log to be counted again.
      if (next === due && lifeSeq >= checkpoints.seq) return;
      due = next;
      lifeSeq = seq;
      tally.version++;
      tally.wakeUps = NO_WAKE_UPS;
      try {
        writeLife(tables.meta, { due, counters: counted(), seq, version: tally.version });
      } catch (error) {
        // Where there is no room for it, what is due is known as long as the object is in memory: reading has to go on.
        // If anything was written before it in this turn, the object gives that up.
        if (!isStorageFull(error)) throw error;
      }
    },
    configure(changed) {
      if (JSON.stringify(changed) === JSON.stringify(options)) return false;
      // In one transaction, and nothing is let go: memory is as it was where that finds no room.
      try {
        if (checkpoints.wanted) checkpoints.write();
      } catch (error) {
        if (!isStorageFull(error) || !makeRoom({ tables, nodes, log, versions }, changed, time)) throw error;
        checkpoints.write();
      }
      const switched = changed.documentStorage !== options.documentStorage;
      tables.transaction(() => {
        tables.meta.put("document", JSON.stringify({ root: nodes.root, createdAt, options: changed }));
        // A history with a gap would be none.
        if (switched || (!changed.documentStorage && limitsHistory(changed)))
          dropHistory({ log, skips: tables.skips, versions }, seq, seq);
        checkpoints.forgetCount();
        versions.trim(changed.automaticVersions);
        if (!changed.documentStorage) versions.dropBefore(Number.POSITIVE_INFINITY);
        // Nobody knows when what was removed before the history begins expires: all of it does now.
        const isLogged = changed.documentStorage && !switched;
        const before = isLogged ? (log.oldest() ?? seq + 1) - 1 : seq;
        const begins = !isLogged || !limitsHistory(options);
        if (begins && before > 0 && limitsHistory(changed)) nodes.doomed.addRemoved(before);
        // What was counted since is in no event: a checkpoint has had nothing to write.
        nodes.write();
        checkpoints.writeTotals();
      });
      nodes.written();
      stored.changed();
      if (switched) log = changed.documentStorage ? tables.log : createMemoryLog();
      options = changed;
      // What waits to be let go goes on; what has expired by the new options is to go.
      checkpoints.whole();
      checkpoints.want();
      return true;
    },
    tally,
    noteWakeUp(reason, carried) {
      let most = NO_WAKE_UPS;
      // Those who were saved last know most; what has been written since is counted.
      for (const { version, wakeUps } of carried)
        if (version === tally.version && total(wakeUps) > total(most)) most = wakeUps;
      tally.wakeUps = reason ? { ...most, [reason]: most[reason] + 1 } : most;
      counters = { ...counters, wakeUps: plus(counters.wakeUps, tally.wakeUps) };
    },
    reaches(wanted) {
      if (wanted >= seq) return wanted === seq;
      const oldest = log.oldest();
      return oldest !== null && wanted >= oldest - 1;
    },
    recent,
    texts,
  };
  return document;
}
