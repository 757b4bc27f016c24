import type { Attrs, NodeId, NodeRecord } from "../tree/index.ts";
import { numberOf, numberOrNull, type Sql, type SqlRow, textOf, textOrNull } from "./sql.ts";
import type { NodeTable } from "./tables.ts";

/** Rows read at once while scanning; a row can be a mebibyte. */
const SCAN_PAGE = 32;
/** Rows read at once in document order. */
const WALK_PAGE = 128;
/** And characters of attributes: 128 nodes can be 128 MiB. */
const WALK_CHARS = 1024 * 1024;
/** Text bound to one statement; the platform allows 2 MB (2026-11). */
const BATCH_CHARS = 256 * 1024;
/**
 * SQLite takes the deepest node first, so what is reached is what comes next in document order below this node and behind
 * it. Ten times as fast as a statement a node: each one costs more than its look-up.
 */
const WALK = `
  WITH RECURSIVE walk (id, depth) AS (
    VALUES (?, 0)
    UNION ALL SELECT nodes.next, depth FROM walk JOIN nodes USING (id) WHERE nodes.next IS NOT NULL
    UNION ALL SELECT nodes.first, depth + 1 FROM walk JOIN nodes USING (id) WHERE nodes.first IS NOT NULL
    ORDER BY depth DESC LIMIT ?)
  SELECT id, length(attrs) AS size FROM walk JOIN nodes USING (id)`;

/** The nodes as rows of the table `nodes`. */
export function createSqliteNodes(sql: Sql): NodeTable {
  return {
    get(id) {
      const [row] = sql.exec("SELECT * FROM nodes WHERE id = ?", id);
      return row && recordOf(row);
    },
    existing(ids) {
      const found: NodeId[] = [];
      for (const part of slices(ids)) {
        const rows = sql.exec("SELECT id FROM nodes WHERE id IN (SELECT value FROM json_each(?))", part);
        for (const row of rows) found.push(textOf(row, "id"));
      }
      return found;
    },
    *scan() {
      for (const row of scan(sql)) {
        yield { id: textOf(row, "id"), row: row.removed === null ? rowTextOf(row) : null };
      }
    },
    walk(from) {
      const ids: NodeId[] = [];
      let characters = 0;
      for (const row of sql.exec(WALK, from, WALK_PAGE)) {
        characters += numberOf(row, "size");
        if (characters > WALK_CHARS && ids.length > 0) break;
        ids.push(textOf(row, "id"));
      }
      const rows = sql.exec(
        "SELECT nodes.* FROM json_each(?) AS ids JOIN nodes ON nodes.id = ids.value ORDER BY ids.key",
        JSON.stringify(ids),
      );
      return rows.map(recordOf);
    },
    deleteRemoved: () => void sql.exec("DELETE FROM nodes WHERE removed IS NOT NULL"),
    write: (changes) => writeRows(sql, changes),
  };
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

/** The text of a snapshot row from a database row, whose attributes are text already. */
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
function writeRows(sql: Sql, changes: ReadonlyMap<NodeId, Readonly<NodeRecord> | null>): void {
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
  // In the order of the key: random ids in a batch of 30 000 touch most pages of a large table once so, and over and over
  // otherwise (an import of 200 000 nodes wrote 0.8 GB to disk instead of 3.1, measured).
  for (const [id, record] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) {
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
  for (const ids of slices(gone)) sql.exec("DELETE FROM nodes WHERE id IN (SELECT value FROM json_each(?))", ids);
}

/** Ids as JSON, as many at once as may be bound. */
function* slices(ids: readonly NodeId[]): Generator<string> {
  for (let start = 0; start < ids.length; start += 1000) yield JSON.stringify(ids.slice(start, start + 1000));
}
