import type { NodeId, NodeRecord, Toward } from "../tree/index.ts";
import { pageOf, pastText, recordOf, rowText, stemsOf, walkedOf } from "./node-rows.ts";
import { type Sql, type SqlRow, textOf, textOrNull } from "./sql.ts";
import { nodePages } from "./sqlite-pages.ts";
import type { Found, NodeRowText, NodeTable, ScannedNode } from "./tables.ts";

/**
 * Rows read at once. They come as one JSON text, as a value of its own for each column costs more than to find the row
 * (7 µs a row and 3.5, workerd 2026-11); a text may take 2 MB, so the content of a row that takes more of it is read alone.
 */
const PAGE = 256;
const PAGE_BYTES = 4 * 1024;
/** Of a scan: the first page, and about how many characters of content the next ones have. */
const FIRST_PAGE = 32;
const SCANNED_CHARS = 64 * 1024;
/** More than any row takes. */
const MOST_BYTES = 2 * 1024 * 1024;
/** Rows without their content that a text of 2 MB has room for, however long their ids are. */
const STEMS = 2_500;
/** How far up a walk looks for where it goes on. */
const UP = 16;
/** Text bound to one statement; the platform allows 2 MB (2026-11). */
const BATCH_CHARS = 256 * 1024;

/** The columns of a row in the order in which they are written, and many rows of them as one text. */
const COLUMNS = "id, type, attrs, parent, prev, next, first, last, placed, removed, height, gone, past";
const JSON_COLUMNS = /attrs|gone|past/g;
const ROW = `json_array(${COLUMNS.replace(JSON_COLUMNS, "json($&)")})`;
const TEXT = `json_group_array(${ROW})`;
const VALUES = COLUMNS.split(", ").map((_, index) => `value ->> ${index}`);
const BYTES = "(octet_length(attrs) + ifnull(octet_length(gone), 0) + ifnull(octet_length(past), 0))";
const BYTES_OF_N = BYTES.replace(JSON_COLUMNS, "n.$&");
/** Attributes stand on lines of their own: JSON has no line breaks, and inside of other JSON each quote would be two. */
const SCAN = `
  SELECT json_group_array(json_array(id, parent, prev, type, removed)) AS page,
    group_concat(CASE WHEN removed IS NULL AND octet_length(attrs) <= ?2 THEN attrs ELSE '' END, char(10)) AS lines
  FROM (SELECT id, parent, prev, type, removed, attrs FROM nodes WHERE id > ?1 ORDER BY id LIMIT ?3)`;
const ROWS = `
  SELECT json_group_array(json_array(id)) AS page,
    group_concat(CASE WHEN ${BYTES} <= ?2 THEN ${ROW} ELSE '' END, char(10)) AS lines
  FROM (SELECT * FROM nodes WHERE id > ?1 ORDER BY id LIMIT ?3)`;
/** Where a node stands, without its content. */
const STEM = "id, parent, prev, next, first, placed, removed";
const OF_N = /\w+/g;
const STEM_OF_N = STEM.replace(OF_N, "n.$&");
/** A recursive statement copies each row that it carries: large rows go without content. */
const SMALL = COLUMNS.replace(OF_N, (column) =>
  column.match(JSON_COLUMNS) ? `CASE WHEN ${BYTES_OF_N} <= ?3 THEN n.${column} END` : `n.${column}`,
);
/**
 * SQLite takes the deepest node first, so what is reached is what comes next in document order: below this node, behind it,
 * and behind what it stands in. Each row is looked up once, where a statement a node costs ten times as much.
 */
const following = (names: string, columns: string) => `
  WITH RECURSIVE up (depth, next, parent) AS (
    SELECT 0, NULL, parent FROM nodes WHERE id = ?1
    UNION ALL SELECT depth - 1, n.next, n.parent FROM up JOIN nodes AS n ON n.id = up.parent LIMIT ${UP}),
  walk (depth, ${names}) AS (
    SELECT 0, ${columns} FROM nodes AS n WHERE n.id = ?1
    UNION ALL SELECT depth, ${columns} FROM up JOIN nodes AS n ON n.id = up.next
    UNION ALL SELECT depth, ${columns} FROM walk JOIN nodes AS n ON n.id = walk.next
    UNION ALL SELECT depth + 1, ${columns} FROM walk JOIN nodes AS n ON n.id = walk.first
    ORDER BY 1 DESC LIMIT ?2)`;
const WALK = `${following(COLUMNS, SMALL)} SELECT ${TEXT} AS page FROM walk`;
const STEMS_TEXT = `json_group_array(json_array(${STEM})) AS page`;
/** The same of one node after the other along a link, from many at once. */
const along = (link: string) => `
  WITH RECURSIVE way (${STEM}) AS (
    SELECT ${STEM} FROM nodes WHERE id IN (SELECT value FROM json_each(?1))
    UNION SELECT ${STEM_OF_N} FROM way JOIN nodes AS n ON n.id = way.${link} LIMIT ?2)
  SELECT ${STEMS_TEXT} FROM way`;
const WAYS: Readonly<Record<Exclude<Toward, "below">, string>> = {
  above: along("parent"),
  before: along("prev"),
  behind: along("next"),
};
const STEMS_BELOW = `${following(STEM, STEM_OF_N)} SELECT ${STEMS_TEXT} FROM walk`;
/** The rows behind an id that a condition holds for, among so many. No index tells: every row would cost another one. */
const among = (columns: string, condition: string) => `
  SELECT max(id) AS last, json_group_array(id) FILTER (WHERE ${condition}) AS page
  FROM (SELECT id, ${columns} FROM nodes WHERE id > ?1 ORDER BY id LIMIT ?2)`;
const UNCOUNTED_PAGE = 4_096;
const UNCOUNTED = among("removed, gone", "removed IS NOT NULL AND ifnull(gone ->> 'counted', 0) = 0");
const REMOVED = among("removed", "removed <= ?3");

/** The nodes as rows of the table `nodes`. */
export function createSqliteNodes(sql: Sql): NodeTable {
  return {
    get(id) {
      const [row] = sql.exec("SELECT *, octet_length(attrs) AS bytes FROM nodes WHERE id = ?", id);
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
    scan: () => scan(sql),
    rows: () => rowTexts(sql),
    pages: (bare, leaveOut) => nodePages(sql, bare, leaveOut),
    walk: (from, most) => walkedOf(sql.exec(WALK, from, Math.min(most, PAGE), PAGE_BYTES)),
    stems(from, toward, most) {
      const few = Math.min(most, STEMS);
      if (toward !== "below") return stemsOf(sql.exec(WAYS[toward], JSON.stringify(from), few));
      return from.flatMap((each) => stemsOf(sql.exec(STEMS_BELOW, each, few)));
    },
    removed({ after, until }, rows, most) {
      const { found, last } = foundOf(sql.exec(REMOVED, after, rows, until));
      return found.length > most ? { found: found.slice(0, most), last: found[most - 1] ?? null } : { found, last };
    },
    uncounted: (after) => foundOf(sql.exec(UNCOUNTED, after, UNCOUNTED_PAGE)),
    write: (changes) => writeRows(sql, changes),
    ...createJournal(sql),
  };
}

const ROWS_KEPT = `INSERT INTO journal (ids, rows)
  SELECT ?1, (SELECT ${TEXT} FROM nodes WHERE id IN (SELECT value FROM json_each(?1)) AND ${BYTES} <= ?2)`;
const TOO_LARGE_TO_SHARE = `SELECT id FROM nodes WHERE id IN (SELECT value FROM json_each(?1)) AND ${BYTES} > ?2`;

/** What rows were before a checkpoint that is not finished. Rows are billed, so many of them stand in one. */
function createJournal(sql: Sql): Pick<NodeTable, "keep" | "forgetKept" | "putBack"> {
  const forgetKept = () => void sql.exec("DELETE FROM journal");
  return {
    keep(ids) {
      for (const part of slices(ids, PAGE)) {
        sql.exec(ROWS_KEPT, part, PAGE_BYTES);
        const large = sql.exec(TOO_LARGE_TO_SHARE, part, PAGE_BYTES);
        for (const row of large) sql.exec(ROWS_KEPT, JSON.stringify([textOf(row, "id")]), MOST_BYTES);
      }
    },
    forgetKept,
    putBack() {
      if (sql.exec("SELECT part FROM journal LIMIT 1").length === 0) return;
      sql.exec("DELETE FROM nodes WHERE id IN (SELECT value FROM journal, json_each(journal.ids))");
      sql.exec(`INSERT INTO nodes (${COLUMNS}) SELECT ${VALUES} FROM journal, json_each(journal.rows)`);
      forgetKept();
    },
  };
}

/** Every node row in the order of ids, a page at a time, so that rows may be written in between; each with its line. */
function* pages<Columns extends readonly [id: NodeId, ...rest: unknown[]]>(
  sql: Sql,
  statement: string,
): Generator<[Columns, string]> {
  // Whoever reads slowly holds a page for long, and many may: so many bytes of it, and not so many rows.
  for (let after = "", most = FIRST_PAGE; ; ) {
    const read = most;
    const rows = sql.exec(statement, after, PAGE_BYTES, read);
    const page: Columns[] = JSON.parse(pageOf(rows));
    const [row] = rows;
    const text = row && page.length > 0 ? textOf(row, "lines") : "";
    const lines = text.split("\n");
    most = Math.max(1, Math.min(PAGE, 2 * read, Math.floor((read * SCANNED_CHARS) / (text.length + 1))));
    for (const [index, columns] of page.entries()) {
      [after] = columns;
      yield [columns, lines[index] ?? ""];
    }
    if (page.length < read) return;
  }
}

function* scan(sql: Sql): Generator<ScannedNode | null> {
  for (const [[id, parent, prev, type, removed], line] of pages<ScannedColumns>(sql, SCAN)) {
    if (removed !== null) {
      yield { id, parent, prev, type, attrs: null };
      continue;
    }
    if (line === "") yield null;
    const attrs = line || attrsOf(sql, id);
    // A large one may have been deleted since the page was read.
    if (attrs !== undefined) yield { id, parent, prev, type, attrs };
  }
}

function* rowTexts(sql: Sql): Generator<NodeRowText | null> {
  for (const [[id], line] of pages<readonly [NodeId]>(sql, ROWS)) {
    if (line === "") yield null;
    const text = line || largeRow(sql, id);
    if (text !== undefined) yield { id, text };
  }
}

function largeRow(sql: Sql, id: NodeId): string | undefined {
  const [row] = sql.exec("SELECT *, octet_length(attrs) AS bytes FROM nodes WHERE id = ?", id);
  return row && rowText(recordOf(row), false);
}

function attrsOf(sql: Sql, id: NodeId): string | undefined {
  const [row] = sql.exec("SELECT attrs FROM nodes WHERE id = ?", id);
  return row && textOf(row, "attrs");
}

type ScannedColumns = [id: NodeId, parent: NodeId | null, prev: NodeId | null, type: string, removed: number | null];

function foundOf(rows: readonly SqlRow[]): Found {
  const found: NodeId[] = JSON.parse(pageOf(rows));
  const [row] = rows;
  return { found, last: row ? textOrNull(row, "last") : null };
}

const WRITE_ONE = `INSERT OR REPLACE INTO nodes (${COLUMNS}) VALUES (${COLUMNS.replace(/\w+/g, "?")})`;
const WRITE_MANY = `INSERT OR REPLACE INTO nodes (${COLUMNS}) SELECT ${VALUES} FROM json_each(?)`;

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
    const kept = [order && JSON.stringify(order), pastText(record)];
    const links = [parent, prev, next, first, last, placed, removed, height, ...kept];
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
function* slices(ids: readonly NodeId[], most = 1_000): Generator<string> {
  for (let start = 0; start < ids.length; start += most) yield JSON.stringify(ids.slice(start, start + most));
}
