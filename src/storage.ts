import type { StoredDocument } from "./storage/document.ts";
import { type Birth, beginImport } from "./storage/importing.ts";
import { type Identity, readDocument } from "./storage/opening.ts";
import { createMeter, finish } from "./storage/slices.ts";
import type { Tables } from "./storage/tables.ts";
import type { FlatNode } from "./tree/index.ts";

export { seqOf } from "./storage/accepted.ts";
export { type Between, type Maker, type Named, namedBetween } from "./storage/between.ts";
export { binPage } from "./storage/bin.ts";
export { blamePage } from "./storage/blame.ts";
export {
  type ClientRecord,
  isFullOf,
  isRejection,
  type KeptAnswer,
  type Rejection,
  unchangedOf,
} from "./storage/client-record.ts";
export {
  COPY_VERSION,
  type Copy,
  type CopyDepth,
  copyOf,
  copyOfHistory,
  copyOfPast,
  END,
  HEAD,
  type Piece,
} from "./storage/copying.ts";
export type { StoredDocument } from "./storage/document.ts";
export { type Doings, lastDoings } from "./storage/doings.ts";
export type { Frozen } from "./storage/frozen.ts";
export { lookThrough, type Taker } from "./storage/history.ts";
export { beginImport, type ImportedNode, type Importing, type ImportProblem } from "./storage/importing.ts";
export { notOfALog } from "./storage/large-commits.ts";
export { type Counters, type Due, NOTHING_DUE, type Tally, type WakeReason } from "./storage/life.ts";
export { beginLoading, type Loading } from "./storage/loading.ts";
export { type Commit, entriesOf, eventsOf, workOf } from "./storage/log.ts";
export { createMemoryTables } from "./storage/memory.ts";
export { commitOf } from "./storage/memory-rows.ts";
export { createNet, type Net } from "./storage/net.ts";
export { createPastReader } from "./storage/past-reader.ts";
export { type Glimpse, glimpseOf } from "./storage/recent.ts";
export { createRepeats, type Repeats } from "./storage/repeats.ts";
export { NOTHING_REVOKED, type Revocation, type Revoked, readRevoked, writeRevoked } from "./storage/revocations.ts";
export { SCHEMA } from "./storage/schema.ts";
export { ANY_NODE, createMeter, finish, type Meter, NEXT_NODE, type Slices } from "./storage/slices.ts";
export { isSplitOff } from "./storage/split-off.ts";
export { isStorageFull, type Sql, type SqlRow, type SqlValue } from "./storage/sql.ts";
export { createSqliteTables } from "./storage/sqlite.ts";
export { LARGE as LARGE_PART } from "./storage/sqlite-log.ts";
export { type NodePage, ROW_TABLES, type RowTable, type Tables } from "./storage/tables.ts";
export { editsTexts, type RecentTexts, type TextEvent, textEventOf, textEventsOf } from "./storage/texts.ts";
export { createRoom, type GoingBack, type Room, treeAt } from "./storage/time-travel.ts";
export { inOrder } from "./storage/versions.ts";

/**
 * Creates the document with its first nodes, in one transaction; they are rows, not events: the log begins with seq 1.
 * Null if an id stands among them twice, and then nothing was written.
 */
export function createDocument(tables: Tables, flat: Iterable<FlatNode>, birth: Birth): StoredDocument | null {
  const written = attempt(tables, () => {
    const importing = beginImport(tables);
    for (const batch of batches(flat)) {
      importing.expect(batch.map(({ id }) => id));
      for (const { id, type, attrs, parent } of batch) {
        if (importing.add({ id, type, attrs, parent: importing.size === 0 ? null : parent })) return false;
      }
    }
    importing.finish(birth);
    return true;
  });
  return written ? openDocument(tables, () => birth.incarnation) : null;
}

/** Ids are looked for so many at once. */
const BATCH = 1_000;

function* batches<T>(items: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** A transaction that is taken back when its work says so. */
function attempt(tables: Tables, work: () => boolean): boolean {
  const takenBack = new Error("taken back");
  try {
    return tables.transaction(() => {
      if (work()) return true;
      throw takenBack;
    });
  } catch (error) {
    if (error === takenBack) return false;
    throw error;
  }
}

/** The last thing that a creation or an import writes: before it there is no document. */
const LAST_WRITTEN = "document";

/** Whether there is a document, readable by this code or not. */
export function hasDocument(tables: Tables): boolean {
  return tables.exists() && tables.meta.get(LAST_WRITTEN) !== undefined;
}

/** Opens the document and replays what the log has after the checkpoint; null if there is none, or it is not whole yet. */
export function openDocument(tables: Tables, newId: () => string): StoredDocument | null {
  if (!tables.exists()) return null;
  tables.prepare();
  const document = tables.meta.get(LAST_WRITTEN);
  if (document === undefined) return null;
  const identity: Identity = JSON.parse(document);
  const stored = readDocument(tables, newId, identity);
  finish(stored.catchUp(createMeter()));
  return stored;
}
