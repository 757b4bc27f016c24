import { type Sql, textOf } from "./sql.ts";

/**
 * One list of statements a schema version: the n-th brings a database from version n to n + 1. Never edit one that has
 * been released; add the next. No secondary index and no AUTOINCREMENT: each would double the rows that users pay for.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    // `body` is two lines of JSON without their brackets: the events as they are sent, and their inverses. A body over
    // the size of a row goes on in further parts. Why not one row and one column: docs/decisions.md.
    `CREATE TABLE events (first INTEGER NOT NULL, part INTEGER NOT NULL, last INTEGER NOT NULL, time INTEGER NOT NULL,
      body TEXT NOT NULL, PRIMARY KEY (first, part)) WITHOUT ROWID`,
    `CREATE TABLE nodes (id TEXT PRIMARY KEY, type TEXT NOT NULL, attrs TEXT NOT NULL, parent TEXT, prev TEXT, next TEXT,
      first TEXT, last TEXT, placed INTEGER NOT NULL, removed INTEGER) WITHOUT ROWID`,
    `CREATE TABLE clients (id TEXT PRIMARY KEY, user TEXT, mutation INTEGER NOT NULL, seen INTEGER NOT NULL,
      rejections TEXT NOT NULL) WITHOUT ROWID`,
  ],
  [
    "ALTER TABLE nodes ADD COLUMN height INTEGER NOT NULL DEFAULT 0",
    // What is gone around a node, as JSON.
    "ALTER TABLE nodes ADD COLUMN gone TEXT",
    // Every node of a removed branch had a mark; now its top alone has one, which stands in no list of children.
    `UPDATE nodes SET removed = NULL WHERE removed IS NOT NULL AND CASE WHEN prev IS NULL
      THEN (SELECT first FROM nodes AS above WHERE above.id = nodes.parent)
      ELSE (SELECT next FROM nodes AS before WHERE before.id = nodes.prev) END IS nodes.id`,
    `UPDATE nodes SET gone = '{"gap":null,"lead":null,"spot":null,"ghosts":[],"counted":1}'
      WHERE removed IS NOT NULL AND first IS NULL`,
    // Nobody knows how large each removed branch is: they are in the size until somebody counts them.
    `UPDATE meta SET value = json_set(value,
      '$.size', (SELECT count(*) FROM nodes WHERE removed IS NULL OR first IS NOT NULL),
      '$.buried', (SELECT count(*) FROM nodes WHERE removed IS NOT NULL AND first IS NOT NULL),
      '$.more', json('true')) WHERE key = 'checkpoint'`,
    // How deep the tree is nobody knows either: every insert asks.
    "UPDATE nodes SET height = 1024 WHERE parent IS NULL",
    // Node rows as they were before a checkpoint that is under way: ids, and those rows of them that there were.
    "CREATE TABLE journal (part INTEGER PRIMARY KEY, ids TEXT NOT NULL, rows TEXT NOT NULL)",
    // What balances the places of what is gone; nobody outside learns it.
    "INSERT INTO meta (key, value) SELECT 'salt', abs(random() % 4294967296) FROM meta WHERE key = 'document'",
  ],
  // Who wrote what stands in a node, and what is undone of it, as JSON.
  ["ALTER TABLE nodes ADD COLUMN past TEXT"],
  // Bodies of `events` may be typing in short, which older code cannot read (typing.ts).
  [],
  // What many events together have changed from (skips.ts); empty where that is too much.
  [
    `CREATE TABLE skips (level INTEGER NOT NULL, last INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (level, last)) WITHOUT ROWID`,
  ],
  // States that somebody has named, or that were noted by rule (versions.ts).
  [
    `CREATE TABLE versions (id TEXT PRIMARY KEY, name TEXT, seq INTEGER NOT NULL, time INTEGER NOT NULL, user TEXT)
      WITHOUT ROWID`,
  ],
];

/** The newest. */
export const SCHEMA = MIGRATIONS.length;

/** Drops every table, and with them all that was stored, at the price of one statement each and not of one row each. */
export function dropSchema(sql: Sql): void {
  for (const table of ["nodes", "events", "clients", "meta", "journal", "skips", "versions"])
    sql.exec(`DROP TABLE IF EXISTS ${table}`);
}

/** Whether a document was ever created here. Reads only: looking at a document that is not must cost nothing. */
export function hasSchema(sql: Sql): boolean {
  return sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'meta'").length > 0;
}

/**
 * Brings the database to the newest schema, in one transaction. Throws if it is newer than this code knows: after a
 * rollback of the Worker, old code must not write into what it does not understand.
 */
export function migrate(sql: Sql, migrations: readonly (readonly string[])[] = MIGRATIONS): void {
  const [row] = hasSchema(sql) ? sql.exec("SELECT value FROM meta WHERE key = 'schema'") : [];
  const from = row ? Number(textOf(row, "value")) : 0;
  if (from > migrations.length) {
    throw new Error(`the document has schema ${from}, this code knows ${migrations.length}: deploy the newer version`);
  }
  if (from === migrations.length) return;
  sql.transaction(() => {
    for (const statement of migrations.slice(from).flat()) sql.exec(statement);
    sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema', ?)", String(migrations.length));
  });
}
