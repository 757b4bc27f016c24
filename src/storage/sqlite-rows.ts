import { SCHEMA } from "./schema.ts";
import { numberOf, type Sql, type SqlRow, type SqlValue, textOf } from "./sql.ts";
import type { EventRowText, RowTable, RowTexts } from "./tables.ts";

/** Rows looked at at once; what is larger than a line of some is read alone, as SQLite has no room for it as JSON inside of JSON. */
const PAGE = 256;
const MOST_SHARED = 4 * 1024;
/** Text bound to one statement; the platform allows 2 MB (2026-11). */
const BOUND_CHARS = 256 * 1024;

/** The columns of each table, and which of them stand in a row's text as what they are the JSON of. */
const COLUMNS: Readonly<Record<RowTable, readonly string[]>> = {
  nodes: "id type attrs parent prev next first last placed removed height gone past".split(" "),
  events: "first part last time body".split(" "),
  clients: "id user mutation seen rejections".split(" "),
  skips: "level last body".split(" "),
};
const JSON_COLUMNS: ReadonlySet<string> = new Set(["attrs", "gone", "past"]);

/** The rows of a document in a SQLite database as text. `seal` ends the row of the log that the next commit might go into. */
export function createSqliteRows(sql: Sql, seal: () => void): RowTexts {
  return {
    schema: SCHEMA,
    events(until) {
      seal();
      return eventRows(sql, until);
    },
    *clients() {
      for (let after = ""; ; ) {
        const page = sql.exec(pageOf("clients", "rejections", "id > ?2", "id", ["id"]), MOST_SHARED, after, PAGE);
        for (const row of page) {
          after = textOf(row, "id");
          yield { id: after, text: textIn(sql, "clients", row, "id = ?", after) };
        }
        if (page.length < PAGE) return;
      }
    },
    *skips(until) {
      for (let [level, last] = [0, -1]; ; ) {
        const [row] = sql.exec(
          "SELECT * FROM skips WHERE (level, last) > (?, ?) AND last <= ? ORDER BY level, last LIMIT 1",
          ...[level, last, until],
        );
        if (!row) return;
        [level, last] = [numberOf(row, "level"), numberOf(row, "last")];
        yield wholeRow("skips", row);
      }
    },
    load(table, rows) {
      const names = COLUMNS[table];
      const isText = typeof rows === "string";
      if (!isText || rows.length <= BOUND_CHARS) {
        const values = names.map((_, index) => `value ->> ${index}`).join(", ");
        const each = isText ? "json_each" : "jsonb_each";
        sql.exec(`INSERT INTO ${table} (${names.join(", ")}) SELECT ${values} FROM ${each}(?)`, rows);
        return;
      }
      const parsed: SqlValue[][] = JSON.parse(rows);
      const places = names.map(() => "?").join(", ");
      for (const row of parsed) {
        const values = row.map((value, index) =>
          value !== null && JSON_COLUMNS.has(names[index] ?? "") ? JSON.stringify(value) : value,
        );
        sql.exec(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places})`, ...values);
      }
    },
    loaded: () => {},
  };
}

function* eventRows(sql: Sql, until: number): Generator<EventRowText> {
  for (let [first, part] = [-1, 0]; ; ) {
    const where = "(first, part) > (?2, ?4) AND first <= ?5";
    const statement = pageOf("events", "body", where, "first, part", ["first", "part", "last"]);
    const page = sql.exec(statement, MOST_SHARED, first, PAGE, part, until);
    for (const row of page) {
      [first, part] = [numberOf(row, "first"), numberOf(row, "part")];
      const text = textIn(sql, "events", row, "first = ? AND part = ?", first, part);
      // Meanwhile it may have been let go of.
      if (text !== "") yield { first, last: numberOf(row, "last"), text };
    }
    if (page.length < PAGE) return;
  }
}

/** A page of rows behind a key as text; that of a large one is null. */
function pageOf(table: RowTable, large: string, where: string, order: string, keys: readonly string[]): string {
  const columns = COLUMNS[table].join(", ");
  return `SELECT ${keys.join(", ")}, CASE WHEN octet_length(${large}) <= ?1 THEN json_array(${columns}) END AS row
    FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ?3`;
}

function textIn(sql: Sql, table: RowTable, row: SqlRow, where: string, ...key: SqlValue[]): string {
  if (row.row !== null) return textOf(row, "row");
  const [found] = sql.exec(`SELECT * FROM ${table} WHERE ${where}`, ...key);
  return found ? wholeRow(table, found) : "";
}

function wholeRow(table: RowTable, row: SqlRow): string {
  return JSON.stringify(COLUMNS[table].map((name) => row[name]));
}
