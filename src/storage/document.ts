import type { DocumentOptions, TreeEvent } from "../protocol/index.ts";
import { applyEvent, type Inverse } from "../tree/index.ts";
import { type Clients, createClients } from "./clients.ts";
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
import { eventsOf, type Log, sizeOf } from "./log.ts";
import { createMemoryLog } from "./memory-log.ts";
import type { NodeRows } from "./nodes.ts";
import { createRecent, glimpseOf, type Recent } from "./recent.ts";
import { letGo } from "./retention.ts";
import type { Slices } from "./slices.ts";
import type { Tables } from "./tables.ts";

/** A document in storage: node rows, clients and log, and the seq that they stand at. */
export interface StoredDocument {
  readonly incarnation: string;
  readonly createdAt: number;
  readonly options: DocumentOptions;
  readonly nodes: NodeRows;
  readonly clients: Clients;
  readonly log: Log;
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
  readonly due: Due;
  readonly counters: Counters;
  /** The first seq that the history has, or will have. */
  readonly historyFrom: number;
  readonly bytes: number;
  /** Whether no more may be written. */
  readonly full: boolean;
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
}

export interface NewCommit {
  readonly time: number;
  readonly events: readonly TreeEvent[];
  /** The text of each event, as it is sent. */
  readonly texts: readonly string[];
  readonly inverses: readonly (readonly Inverse[])[];
  /** Clients with an answer that is no event. */
  readonly answered: ReadonlySet<string>;
  /** How many rejections there were among these. */
  readonly rejections: number;
}

/** What was read of a document. */
export interface StoredHead {
  readonly tables: Tables;
  readonly incarnation: string;
  readonly createdAt: number;
  readonly options: DocumentOptions;
  readonly nodes: NodeRows;
  readonly checkpoint: { readonly seq: number; readonly time: number };
  readonly life: Life;
}

/**
 * A wake-up replays at most this much of the log: 19 500 updates took about 60 ms (workerd, 2026-11-23). The more of them
 * one checkpoint stands for, the fewer rows each costs.
 */
const CHECKPOINT_EVENTS = 20_000;
const CHECKPOINT_CHARS = 4 * 1024 * 1024;
/** Changed nodes are held in memory until the checkpoint. */
const CHECKPOINT_NODES = 20_000;
/** Fewer are written at once: 15 µs each (workerd, 2026-11-27). */
const CHANGED_AT_ONCE = 1_000;
/** How often a checkpoint that is not written in steps lets go of history: 50 ms. The next one goes on. */
const EXPIRY_ROUNDS = 12;

export function createStoredDocument(head: StoredHead): StoredDocument {
  const { tables, incarnation, createdAt, nodes, life } = head;
  let { options } = head;
  const clients = createClients(tables.clients);
  // Without document storage the last events are kept in memory, for those who read slowly.
  let log = options.documentStorage ? tables.log : createMemoryLog();
  let { seq: checkpointSeq, time } = head.checkpoint;
  let seq = checkpointSeq;
  const recent = createRecent(() => log, seq);
  let characters = 0;
  let { due, counters, seq: lifeSeq } = life;
  const tally: Tally = { version: life.version, wakeUps: NO_WAKE_UPS };

  /** Whether the last checkpoint had more to let go than it could. */
  let behind = nodes.doomed.waits;
  // Without a log such answers are in no row before a checkpoint writes them.
  const isDirty = () => seq > checkpointSeq || (!options.documentStorage && clients.dirty > 0);
  const note = (event: TreeEvent) => {
    seq = event.seq;
    time = event.time;
    recent.note(glimpseOf(event));
  };
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

  /** Whether the log has commits behind the one that begins with this seq. */
  const goesOnAfter = (first: number | null) => {
    const kept = first === null ? log.oldest() : (log.at(first)?.last ?? 0) + 1;
    return kept !== null && kept <= seq;
  };
  const writeTotals = () => tables.meta.put("checkpoint", JSON.stringify({ seq, time, ...nodes.totals() }));
  /** Writes what differs from the rows, and lets go of some of the history before `until`; says whether there may be more. */
  const save = (until: number | null): boolean => {
    const round = letGo(log, nodes, until);
    const { changed } = round;
    let { first, more } = round;
    // A history in memory may go with it: what this round could not let go of is looked for, or it would stay for ever.
    if (until !== null && !options.documentStorage && goesOnAfter(first)) {
      nodes.doomed.addRemoved(seq);
      first = seq;
      more = true;
    }
    if (!isDirty() && !changed && !more) return more;
    tables.transaction(() => {
      nodes.write();
      clients.write();
      if (first !== null) log.drop(first);
      writeTotals();
    });
    nodes.written();
    clients.written();
    checkpointSeq = seq;
    characters = 0;
    return more;
  };
  /** What was committed before may go. */
  const expiry = (now: number): number | null => {
    const { historyRetention, documentStorage } = options;
    if (historyRetention === null) return null;
    // A history in memory goes with the memory, and nobody would know any more what it has removed.
    return documentStorage ? now - historyRetention : time + 1;
  };
  const checkpoint = (now?: number) => {
    const until = now === undefined ? null : expiry(now);
    behind = true;
    for (let round = 0; behind && round < EXPIRY_ROUNDS; round++) behind = save(until);
  };

  for (const commit of log.after(checkpointSeq)) {
    characters += sizeOf(commit);
    if (commit.first > life.seq) count({ commits: 1, mutations: commit.last - commit.first + 1, rowsWritten: 1 });
    for (const event of eventsOf(commit)) {
      if (event.seq <= checkpointSeq) continue;
      applyEvent(nodes, event);
      if (event.client !== null && event.mutation !== null) {
        clients.accept(event.client, event.userId, event.mutation, event.seq, event.time);
      }
      note(event);
    }
  }

  return {
    incarnation,
    createdAt,
    nodes,
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
      return checkpointSeq;
    },
    get dirty() {
      return behind || isDirty();
    },
    get checkpointDue() {
      return (
        seq - checkpointSeq >= CHECKPOINT_EVENTS || characters >= CHECKPOINT_CHARS || nodes.dirty >= CHECKPOINT_NODES
      );
    },
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
      return tables.bytes;
    },
    get full() {
      return tables.capacity !== null && tables.bytes >= tables.capacity;
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
            inverses: inverses.map((inverse) => JSON.stringify(inverse)).join(","),
          };
          log.append(commit);
          characters += sizeOf(commit);
        }
        if (options.documentStorage) clients.write(answered);
      });
      if (options.documentStorage) clients.written(answered);
      for (const event of events) note(event);
      count({ commits: events.length > 0 ? 1 : 0, mutations: events.length, rejections });
    },
    checkpoint,
    *checkpointInSteps(now) {
      // What is committed meanwhile waits for the next one: this one has an end. Without a log nobody will know of it then.
      const until = expiry(now);
      do {
        while (nodes.unwritten > CHANGED_AT_ONCE) {
          const ids = nodes.nextEarly();
          if (ids.length === 0) break;
          tables.transaction(() => nodes.writeEarly(ids));
          nodes.wroteEarly(ids);
          yield;
        }
        behind = save(options.documentStorage ? until : expiry(now));
        if (behind) yield;
      } while (behind);
    },
    setDue(next) {
      // What was counted of commits that a checkpoint has is in no log to be counted again.
      if (next === due && lifeSeq >= checkpointSeq) return;
      due = next;
      lifeSeq = seq;
      tally.version++;
      tally.wakeUps = NO_WAKE_UPS;
      writeLife(tables.meta, { due, counters: counted(), seq, version: tally.version });
    },
    configure(changed) {
      if (JSON.stringify(changed) === JSON.stringify(options)) return false;
      checkpoint();
      const switched = changed.documentStorage !== options.documentStorage;
      tables.transaction(() => {
        tables.meta.put("document", JSON.stringify({ root: nodes.root, createdAt, options: changed }));
        // A history with a gap would be none.
        if (switched || (!changed.documentStorage && changed.historyRetention !== null)) log.drop(seq);
        // Nobody knows when what was removed before the history begins expires: all of it does now.
        const isLogged = changed.documentStorage && !switched;
        const before = isLogged ? (log.oldest() ?? seq + 1) - 1 : seq;
        const begins = !isLogged || options.historyRetention === null;
        if (begins && before > 0 && changed.historyRetention !== null) nodes.doomed.addRemoved(before);
        // What was counted since is in no event: a checkpoint has had nothing to write.
        nodes.write();
        writeTotals();
      });
      nodes.written();
      if (switched) log = changed.documentStorage ? tables.log : createMemoryLog();
      options = changed;
      // What has expired by the new options is to go.
      behind = true;
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
  };
}
