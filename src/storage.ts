import type { TreeEvent } from "./protocol/index.ts";
import { type Clients, createClients } from "./storage/clients.ts";
import { createLog, eventsOf, type Log } from "./storage/log.ts";
import { createNodeRows, type NodeRows } from "./storage/nodes.ts";
import { hasSchema, migrate } from "./storage/schema.ts";
import { type Sql, textOf } from "./storage/sql.ts";
import {
  applyEvent,
  type ConflictPolicy,
  createMapStore,
  type FlatNode,
  type Inverse,
  loadFlat,
} from "./tree/index.ts";

export type { ClientRecord, Rejection } from "./storage/clients.ts";
export { type HistoryPage, historyPage, readAnswers, treeAt } from "./storage/history.ts";
export { eventsOf } from "./storage/log.ts";
export type { Frozen } from "./storage/nodes.ts";
export type { Sql, SqlRow, SqlValue } from "./storage/sql.ts";

/** What a document was created with. */
export interface DocumentOptions {
  readonly conflicts: ConflictPolicy;
}

export const DEFAULT_OPTIONS: DocumentOptions = { conflicts: "resolve" };

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
  /** Whether the log since the checkpoint, or what has changed since, is large enough for the next one. */
  readonly checkpointDue: boolean;
  append(commit: NewCommit): void;
  checkpoint(): void;
  /** Who made an event, as long as the log has it. */
  authorOf(seq: number): Author | undefined;
}

export interface Author {
  readonly client: string | null;
  readonly userId: string | null;
}

export interface NewCommit {
  readonly time: number;
  readonly events: readonly TreeEvent[];
  /** The text of each event, as it is sent. */
  readonly texts: readonly string[];
  readonly inverses: readonly (readonly Inverse[])[];
  /** Clients that were answered by a rejection. */
  readonly rejected: ReadonlySet<string>;
}

/** A wake-up replays at most this much of the log. */
const CHECKPOINT_EVENTS = 10_000;
const CHECKPOINT_CHARS = 4 * 1024 * 1024;
/** Changed nodes are held in memory until the checkpoint. */
const CHECKPOINT_NODES = 50_000;
/** Authors of the last events, kept in memory for the conflict rules. */
const AUTHORS_KEPT = 4_096;

/** Creates the document with its first nodes, in one transaction; they are rows, not events: the log begins with seq 1. */
export function createDocument(
  sql: Sql,
  flat: readonly FlatNode[],
  { incarnation, options, now }: { incarnation: string; options: DocumentOptions; now: number },
): StoredDocument {
  const root = flat[0]?.id ?? "";
  const first = createMapStore(root);
  loadFlat(first, flat);
  const nodes = createNodeRows(sql, root, first.size, true);
  for (const record of first.records()) nodes.put({ ...record });
  sql.transaction(() => {
    migrate(sql);
    nodes.write();
    writeMeta(sql, "incarnation", incarnation);
    writeMeta(sql, "document", { root, createdAt: now, options });
    writeMeta(sql, "checkpoint", { seq: 0, size: nodes.size, time: now });
  });
  nodes.written();
  return document(sql, nodes, { incarnation, createdAt: now, options, checkpointSeq: 0, time: now });
}

/** Opens the document and replays what the log has after the checkpoint; null if it was never created. */
export function openDocument(sql: Sql): StoredDocument | null {
  if (!hasSchema(sql)) return null;
  migrate(sql);
  const { root, createdAt, options }: { root: string; createdAt: number; options: DocumentOptions } = JSON.parse(
    readMeta(sql, "document"),
  );
  const { seq, size, time }: { seq: number; size: number; time: number } = JSON.parse(readMeta(sql, "checkpoint"));
  const incarnation: string = JSON.parse(readMeta(sql, "incarnation"));
  const nodes = createNodeRows(sql, root, size, false);
  return document(sql, nodes, { incarnation, createdAt, options, checkpointSeq: seq, time });
}

type Head = Pick<StoredDocument, "incarnation" | "createdAt" | "options" | "checkpointSeq" | "time">;

function document(sql: Sql, nodes: NodeRows, head: Head): StoredDocument {
  const clients = createClients(sql);
  const log = createLog(sql);
  const authors = new Map<number, Author>();
  /** Authors that were read back from the log; a commit is taken apart for all of them at once. */
  const older = new Map<number, Author>();
  let { checkpointSeq, time } = head;
  let seq = checkpointSeq;
  let characters = 0;

  const note = (event: TreeEvent) => {
    seq = event.seq;
    time = event.time;
    authors.set(seq, { client: event.client, userId: event.userId });
    authors.delete(seq - AUTHORS_KEPT);
  };

  for (const commit of log.after(checkpointSeq)) {
    characters += commit.events.length + commit.inverses.length;
    for (const event of eventsOf(commit)) {
      if (event.seq <= checkpointSeq) continue;
      applyEvent(nodes, event);
      if (event.client !== null && event.mutation !== null) {
        clients.accept(event.client, event.userId, event.mutation, event.time);
      }
      note(event);
    }
  }

  return {
    ...head,
    nodes,
    clients,
    log,
    get seq() {
      return seq;
    },
    get time() {
      return time;
    },
    get checkpointSeq() {
      return checkpointSeq;
    },
    get checkpointDue() {
      return (
        seq - checkpointSeq >= CHECKPOINT_EVENTS || characters >= CHECKPOINT_CHARS || nodes.dirty >= CHECKPOINT_NODES
      );
    },
    append({ events, texts, inverses, rejected, time: at }) {
      // Rejections, and a body in parts, are more than one row.
      sql.transaction(() => {
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
          characters += commit.events.length + commit.inverses.length;
        }
        clients.write(rejected);
      });
      clients.written(rejected);
      for (const event of events) note(event);
    },
    checkpoint() {
      if (seq === checkpointSeq) return;
      sql.transaction(() => {
        nodes.write();
        clients.write();
        writeMeta(sql, "checkpoint", { seq, size: nodes.size, time });
      });
      nodes.written();
      clients.written();
      checkpointSeq = seq;
      characters = 0;
    },
    authorOf(wanted) {
      const known = authors.get(wanted) ?? older.get(wanted);
      if (known) return known;
      if (older.size > AUTHORS_KEPT) older.clear();
      const [commit] = log.after(wanted - 1);
      for (const { seq: each, client, userId } of commit ? eventsOf(commit) : []) older.set(each, { client, userId });
      return older.get(wanted);
    },
  };
}

function readMeta(sql: Sql, key: string): string {
  const [row] = sql.exec("SELECT value FROM meta WHERE key = ?", key);
  if (!row) throw new Error(`the document's meta lacks ${key}`);
  return textOf(row, "value");
}

function writeMeta(sql: Sql, key: string, value: unknown): void {
  sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, JSON.stringify(value));
}
