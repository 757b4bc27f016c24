import { type Attrs, type NodeId, type NodeRecord, type Store, toRow, weighAttrs } from "../tree/index.ts";
import { numberOf, numberOrNull, type Sql, type SqlRow, textOf, textOrNull } from "./sql.ts";

/** What unchanged records may take in memory, in characters of their attributes with an allowance for the rest. */
const CLEAN_WEIGHT = 8 * 1024 * 1024;
const RECORD_WEIGHT = 300;
/** Rows read at once while scanning; a row can be a mebibyte. */
const SCAN_PAGE = 32;
/** Text bound to one statement; the platform allows 2 MB (2026-11). */
const BATCH_CHARS = 256 * 1024;

/** The node rows as a store: read on demand, written back by `write`, what is unchanged kept within a bound. */
export interface NodeRows extends Store {
  /** How many nodes differ from their rows. */
  readonly dirty: number;
  /** Writes what differs; to be called inside a transaction, and followed by `written` when that has succeeded. */
  write(): number;
  written(): void;
  /** The tree as it is now, to be read at leisure while it goes on changing. */
  freeze(): Frozen;
}

/** A tree held at one moment. It remembers what is changed since, so it must be released. */
export interface Frozen {
  /** Every live node as the text of a snapshot row, in no order. */
  rows(): Generator<string>;
  release(): void;
}

/** What a frozen tree has to remember: records as they were, of nodes whose rows the scan has not passed yet. */
interface Moment {
  readonly before: Map<NodeId, NodeRecord | null>;
  passed: NodeId;
}

export function createNodeRows(sql: Sql, root: NodeId, size: number, empty: boolean): NodeRows {
  const clean = new Map<NodeId, NodeRecord>();
  const dirty = new Map<NodeId, NodeRecord | null>();
  const frozen = new Set<Moment>();
  /** The ids of changed nodes, shared by all who freeze the tree at the same moment. */
  let unwrittenNow: ReadonlySet<NodeId> | null = null;
  let weight = 0;
  // While everything that exists is in memory, what is not in memory does not exist, and no row has to be looked for.
  let complete = empty;

  const keepClean = (record: NodeRecord) => {
    clean.set(record.id, record);
    weight += weigh(record);
    for (const [id, oldest] of clean) {
      if (weight <= CLEAN_WEIGHT) break;
      clean.delete(id);
      weight -= weigh(oldest);
      complete = false;
    }
  };
  const takeClean = (id: NodeId) => {
    const record = clean.get(id);
    if (!record) return undefined;
    clean.delete(id);
    weight -= weigh(record);
    return record;
  };
  const get = (id: NodeId): NodeRecord | undefined => {
    const changed = dirty.get(id);
    if (changed !== undefined) return changed ?? undefined;
    const known = clean.get(id);
    if (known || complete) return known;
    const [row] = sql.exec("SELECT * FROM nodes WHERE id = ?", id);
    if (!row) return undefined;
    const record = recordOf(row);
    keepClean(record);
    return record;
  };
  const change = (id: NodeId, record: NodeRecord | null) => {
    dirty.set(id, record);
    unwrittenNow = null;
  };
  /** To be called before a record changes: those who read an earlier moment keep it as it was. */
  const remember = (id: NodeId) => {
    for (const { before, passed } of frozen) {
      if (before.has(id) || id <= passed) continue;
      const record = get(id);
      before.set(id, record ? { ...record } : null);
    }
  };

  return {
    root,
    size,
    get,
    edit(id) {
      remember(id);
      const changed = dirty.get(id);
      if (changed) return changed;
      const record = get(id);
      if (!record) throw new Error(`no node ${id} in the store`);
      takeClean(id);
      change(id, record);
      return record;
    },
    put(record) {
      remember(record.id);
      takeClean(record.id);
      change(record.id, record);
    },
    delete(id) {
      remember(id);
      takeClean(id);
      change(id, null);
    },
    get dirty() {
      return dirty.size;
    },
    write: () => writeRows(sql, dirty),
    written() {
      for (const record of dirty.values()) if (record) keepClean(record);
      dirty.clear();
      unwrittenNow = null;
    },
    freeze() {
      const moment: Moment = { before: new Map(), passed: "" };
      const { before } = moment;
      unwrittenNow ??= new Set(dirty.keys());
      const unwritten = unwrittenNow;
      frozen.add(moment);
      return {
        *rows() {
          for (const id of unwritten) {
            const record = before.has(id) ? before.get(id) : get(id);
            if (record && record.removed === null) yield rowText(record);
          }
          for (const row of scan(sql)) {
            const id = textOf(row, "id");
            if (unwritten.has(id)) continue;
            const record = before.get(id);
            moment.passed = id;
            before.delete(id);
            if (record === undefined) {
              if (row.removed === null) yield rowTextOf(row);
            } else if (record && record.removed === null) yield rowText(record);
          }
          // What is left was deleted before the scan came to it.
          for (const [id, record] of before) {
            if (record && record.removed === null && !unwritten.has(id)) yield rowText(record);
          }
        },
        release: () => void frozen.delete(moment),
      };
    },
  };
}

function weigh({ id, attrs }: NodeRecord): number {
  return RECORD_WEIGHT + id.length + weighAttrs(attrs);
}

/** Every node row in the order of ids, a page at a time, so that rows may be written in between. */
function* scan(sql: Sql): Generator<SqlRow> {
  let after = "";
  for (;;) {
    const page = sql.exec(
      "SELECT id, parent, prev, type, attrs, removed FROM nodes WHERE id > ? ORDER BY id LIMIT ?",
      after,
      SCAN_PAGE,
    );
    for (const row of page) yield row;
    const last = page.at(-1);
    if (!last || page.length < SCAN_PAGE) return;
    after = textOf(last, "id");
  }
}

function rowText(record: Readonly<NodeRecord>): string {
  return JSON.stringify(toRow(record));
}

/** The same text from a database row, whose attributes are text already. */
function rowTextOf(row: SqlRow): string {
  const head = JSON.stringify([row.id, row.parent, row.prev, row.type]);
  return `${head.slice(0, -1)},${textOf(row, "attrs")}]`;
}

function recordOf(row: SqlRow): NodeRecord {
  const attrs: Attrs = JSON.parse(textOf(row, "attrs"));
  return {
    id: textOf(row, "id"),
    type: textOf(row, "type"),
    attrs,
    parent: textOrNull(row, "parent"),
    prev: textOrNull(row, "prev"),
    next: textOrNull(row, "next"),
    first: textOrNull(row, "first"),
    last: textOrNull(row, "last"),
    placed: numberOf(row, "placed"),
    removed: numberOrNull(row, "removed"),
  };
}

/** Writes changed nodes: many rows in one JSON parameter, as a statement takes at most 100 bound values. */
function writeRows(sql: Sql, dirty: ReadonlyMap<NodeId, NodeRecord | null>): number {
  const gone: NodeId[] = [];
  let batch: string[] = [];
  let characters = 0;
  const flush = () => {
    if (batch.length === 0) return;
    sql.exec(
      `INSERT OR REPLACE INTO nodes (id, type, attrs, parent, prev, next, first, last, placed, removed)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
         value ->> 8, value ->> 9 FROM json_each(?)`,
      `[${batch.join(",")}]`,
    );
    batch = [];
    characters = 0;
  };
  for (const [id, record] of dirty) {
    if (!record) {
      gone.push(id);
      continue;
    }
    const { type, parent, prev, next, first, last, placed, removed } = record;
    const attrs = JSON.stringify(record.attrs);
    if (attrs.length > BATCH_CHARS) {
      // Quoted inside JSON once more, it could outgrow what may be bound.
      sql.exec(
        "INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[id, type, attrs, parent, prev, next, first, last, placed, removed],
      );
      continue;
    }
    const text = JSON.stringify([id, type, attrs, parent, prev, next, first, last, placed, removed]);
    batch.push(text);
    characters += text.length;
    if (characters >= BATCH_CHARS) flush();
  }
  flush();
  for (let start = 0; start < gone.length; start += 1000) {
    const ids = JSON.stringify(gone.slice(start, start + 1000));
    sql.exec("DELETE FROM nodes WHERE id IN (SELECT value FROM json_each(?))", ids);
  }
  return dirty.size;
}
