import type { Version } from "../protocol/index.ts";
import type { NodeId, NodeRecord, NodeText, Stem, Toward } from "../tree/index.ts";
import type { ClientRecord } from "./client-record.ts";
import type { Log } from "./log.ts";

/**
 * Where a document is kept: all that storage needs of it. `sqlite.ts` keeps it in a database, `memory.ts` nowhere but in
 * memory; one contract suite runs on both (test/storage/contract.ts).
 */
export interface Tables {
  /** Whether anything was ever written. Only looks: a look at a document that does not exist must cost nothing. */
  exists(): boolean;
  /** Makes the tables, or brings them to a schema, the newest by default. Throws if they are newer than this code. */
  prepare(schema?: number): void;
  /** Drops everything, as if nothing had ever been written. */
  clear(): void;
  /** Runs synchronous work and takes back everything that it wrote if it throws. */
  transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T;
  readonly meta: MetaTable;
  readonly nodes: NodeTable;
  readonly clients: ClientTable;
  readonly log: Log;
  readonly skips: SkipTable;
  readonly versions: VersionTable;
  readonly rows: RowTexts;
  /** Rows written since this was asked last, as the platform counts and bills them. */
  takeRowsWritten(): number;
  /** What is stored, in bytes. */
  readonly bytes: number;
  /** What may be stored, in bytes; null where that is the platform's to say. */
  readonly capacity: number | null;
}

export interface MetaTable {
  get(key: string): string | undefined;
  put(key: string, value: string): void;
}

export interface ClientTable {
  get(id: string): ClientRecord | undefined;
  put(record: ClientRecord): void;
}

/** Events that a step of the lowest level goes over, and steps of a level that one of the next is made of. */
export interface SkipShape {
  readonly step: number;
  readonly fanOut: number;
}

/** What so many events up to a seq have changed from, as text; empty where that is too much. More events the higher the level. */
export interface SkipTable {
  readonly shape: SkipShape;
  has(level: number, last: number): boolean;
  get(level: number, last: number): string | undefined;
  put(level: number, last: number, body: string): void;
  /** Drops those of a level up to this one. */
  drop(level: number, last: number): void;
}

export interface VersionTable {
  all(): Version[];
  put(version: Version): void;
  delete(id: string): void;
}

export interface NodeTable {
  get(id: NodeId): NodeRecord | undefined;
  /** The ids among these that there are. */
  existing(ids: readonly NodeId[]): NodeId[];
  /** Every node in the order of ids, null before each that is large and not read yet; rows may be written between two steps. */
  scan(): Generator<ScannedNode | null>;
  /** Every node as the text of its row (`rowText`), in the order of ids, null before each that is large. */
  rows(): Generator<NodeRowText | null>;
  /**
   * The same in pages, null before each that is large, and for one of which nothing is left: `leaveOut` is told what would be in it.
   * `bare`: without what is removed, and as if nothing had ever happened of the others.
   */
  pages(bare: boolean, leaveOut: (places: readonly NodePlace[]) => readonly NodeId[]): Generator<NodePage | null>;
  /** This node and others that follow it in document order, at most so many; null for large ones, to be read alone. */
  walk(from: NodeId, most: number): Map<NodeId, NodeRecord | null>;
  /** These nodes without content, and at most so many in all that a reader who goes on that way will ask for next. */
  stems(from: readonly NodeId[], toward: Toward, most: number): Stem[];
  /** What was removed up to a seq, `most` at most, among so many rows. */
  removed(from: { readonly after: NodeId; readonly until: number }, rows: number, most: number): Found;
  /** Removed branches of which nobody knows the size, among some rows behind this id. */
  uncounted(after: NodeId): Found;
  /** Writes records, deletes those that are null. */
  write(changes: ReadonlyMap<NodeId, Readonly<NodeRecord> | null>): void;
  /** Keeps aside what the rows of these ids are, or that there are none; of each id once. */
  keep(ids: readonly NodeId[]): void;
  /** Keeps nothing aside any more. */
  forgetKept(): void;
  /** Makes all rows that were kept aside what they were, and keeps nothing any more. */
  putBack(): void;
}

export interface NodeRowText extends Pick<NodeRecord, "id"> {
  readonly text: string;
}

/** What tells whether a node is alive. */
export type NodePlace = Pick<NodeRecord, "id" | "parent" | "removed">;

/** Rows of nodes, to be loaded as they are. */
export interface NodePage {
  readonly count: number;
  readonly rows: RowList;
}

/** Rows as a JSON list, or as SQLite has that in its memory (JSONB). */
export type RowList = string | Uint8Array;

/** The tables whose rows together are a document, beside what `meta` has. */
export const ROW_TABLES = ["nodes", "events", "clients", "skips"] as const;
export type RowTable = (typeof ROW_TABLES)[number];

/**
 * Rows as text, each a JSON list of its columns, to make the same table elsewhere; in the order of their keys. Rows may be written
 * between two steps. Those of nodes are at `NodeTable`.
 */
export interface RowTexts {
  /** Of which schema the rows are. */
  readonly schema: number;
  /** Rows of the log that begin up to a seq. What is committed from now on goes into rows of its own. */
  events(until: number): Generator<EventRowText>;
  clients(): Generator<{ readonly id: string; readonly text: string }>;
  /** Steps back from up to a seq. */
  skips(until: number): Generator<string>;
  /** Writes such rows. Nothing of it is looked at. */
  load(table: RowTable, rows: RowList): void;
  /** All rows are there. */
  loaded(): void;
}

export interface EventRowText {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** What was found among rows in the order of ids, and behind which id to look next, null at the end. */
export interface Found {
  readonly found: readonly NodeId[];
  readonly last: NodeId | null;
}

/** A node's row as it is scanned: null for the attributes of a removed one. What is below one has some and is not alive all the same. */
export interface ScannedNode extends Omit<NodeText, "attrs"> {
  readonly attrs: string | null;
}
