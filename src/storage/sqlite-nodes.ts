import type { Above, Attrs, NodeId, NodeRecord, Order } from "../tree/index.ts";
import { numberOf, numberOrNull, type Sql, type SqlRow, textOf, textOrNull } from "./sql.ts";
import type { NodeTable } from "./tables.ts";

/** Rows read at once while scanning; a row can be a mebibyte. */
const SCAN_PAGE = 32;
/** Rows read ahead are read without attributes of more characters than this: so many rows can be 512 MiB. */
const WALK_CHARS = 8 * 1024;
/** Rows looked at at once on the way up. */
const PATH_PAGE = 1_024;
/** Text bound to one statement; the platform allows 2 MB (2026-11). */
const BATCH_CHARS = 256 * 1024;
/**
 * SQLite takes the deepest node first, so what is reached is what comes next in document order below this node and behind
 * it; each row is looked up once, where a statement a node costs ten times as much. A large node comes without its content.
 */
const WALK = `
  WITH RECURSIVE walk (depth, id, type, attrs, parent, prev, next, first, last, placed, removed, height, gone) AS (
    SELECT 0, id, type, attrs, parent, prev, next, first, last, placed, removed, height, gone FROM nodes WHERE id = ?1
    UNION ALL SELECT depth, n.id, n.type, CASE WHEN length(n.attrs) <= ?2 THEN n.attrs END, n.parent, n.prev, n.next,
      n.first, n.last, n.placed, n.removed, n.height, n.gone FROM walk JOIN nodes AS n ON n.id = walk.next
    UNION ALL SELECT depth + 1, n.id, n.type, CASE WHEN length(n.attrs) <= ?2 THEN n.attrs END, n.parent, n.prev, n.next,
      n.first, n.last, n.placed, n.removed, n.height, n.gone FROM walk JOIN nodes AS n ON n.id = walk.first
    ORDER BY 1 DESC LIMIT ?3)
  SELECT * FROM walk`;
const PATH = `
  WITH RECURSIVE path (id, parent, placed, removed) AS (
    SELECT id, parent, placed, removed FROM nodes WHERE id = ?
    UNION ALL SELECT nodes.id, nodes.parent, nodes.placed, nodes.removed FROM path JOIN nodes ON nodes.id = path.parent
    LIMIT ?)
  SELECT * FROM path`;

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
        const text = row.removed === null ? rowTextOf(row) : null;
        yield { id: textOf(row, "id"), parent: textOrNull(row, "parent"), row: text };
      }
    },
    walk: (from, most) =>
      sql
        .exec(WALK, from, WALK_CHARS, most)
        .filter((row) => row.attrs !== null)
        .map(recordOf),
    path: (from) => sql.exec(PATH, from, PATH_PAGE).map(aboveOf),
    removed: () => sql.exec("SELECT id FROM nodes WHERE removed IS NOT NULL").map((row) => textOf(row, "id")),
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
    // In the order of `newRecord`: records of two shapes would slow everything down.
    removed: numberOrNull(row, "removed"),
    parent: textOrNull(row, "parent"),
    prev: textOrNull(row, "prev"),
    next: textOrNull(row, "next"),
    first: textOrNull(row, "first"),
    last: textOrNull(row, "last"),
    placed: numberOf(row, "placed"),
    height: numberOf(row, "height"),
    order: orderOf(textOrNull(row, "gone")),
  };
}

function orderOf(text: string | null): Order | null {
  if (text === null) return null;
  const order: Order = JSON.parse(text);
  return order;
}

function aboveOf(row: SqlRow): Above {
  return {
    id: textOf(row, "id"),
    parent: textOrNull(row, "parent"),
    placed: numberOf(row, "placed"),
    removed: numberOrNull(row, "removed"),
  };
}

/** The columns of a row in the order in which they are written. */
const COLUMNS = "id, type, attrs, parent, prev, next, first, last, placed, removed, height, gone";
const WRITE_ONE = `INSERT OR REPLACE INTO nodes (${COLUMNS}) VALUES (${COLUMNS.replace(/\w+/g, "?")})`;
const WRITE_MANY = `INSERT OR REPLACE INTO nodes (${COLUMNS})
  SELECT ${COLUMNS.split(", ").map((_, index) => `value ->> ${index}`)} FROM json_each(?)`;

/** Writes changed nodes: many rows in one JSON parameter, as a statement takes at most 100 bound values. */
function writeRows(sql: Sql, changes: ReadonlyMap<NodeId, Readonly<NodeRecord> | null>): void {
  const gone: NodeId[] = [];
  let batch: string[] = [];
  let characters = 0;
  const flush = () => {
    if (batch.length > 0) sql.exec(WRITE_MANY, `[${batch.join(",")}]`);
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
    const { type, parent, prev, next, first, last, placed, removed, height, order } = record;
    const attrs = JSON.stringify(record.attrs);
    const links = [parent, prev, next, first, last, placed, removed, height, order && JSON.stringify(order)];
    if (attrs.length > BATCH_CHARS) {
      // Quoted inside JSON once more, it could outgrow what may be bound.
      sql.exec(WRITE_ONE, id, type, attrs, ...links);
      continue;
    }
    const text = JSON.stringify([id, type, attrs, ...links]);
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
