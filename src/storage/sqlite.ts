import { answersText, readAnswers } from "./client-record.ts";
import { dropSchema, hasSchema, MIGRATIONS, migrate } from "./schema.ts";
import { SHAPE } from "./skips.ts";
import { numberOf, type Sql, textOf, textOrNull } from "./sql.ts";
import { createSqliteLog } from "./sqlite-log.ts";
import { createSqliteNodes } from "./sqlite-nodes.ts";
import { createSqliteRows } from "./sqlite-rows.ts";
import type { ClientTable, MetaTable, SkipTable, Tables, VersionTable } from "./tables.ts";

/** The tables of a document in a SQLite database. */
export function createSqliteTables(sql: Sql): Tables {
  const log = createSqliteLog(sql);
  return {
    exists: () => hasSchema(sql),
    prepare: (schema) => migrate(sql, MIGRATIONS.slice(0, schema)),
    clear: () => dropSchema(sql),
    transaction: (work) => sql.transaction(work),
    meta: createMeta(sql),
    nodes: createSqliteNodes(sql),
    clients: createClientTable(sql),
    log,
    skips: createSkipTable(sql),
    versions: createVersionTable(sql),
    rows: createSqliteRows(sql, log.seal),
    takeRowsWritten: () => sql.takeRowsWritten(),
    get bytes() {
      return sql.bytes;
    },
    capacity: null,
  };
}

function createMeta(sql: Sql): MetaTable {
  return {
    get(key) {
      const [row] = sql.exec("SELECT value FROM meta WHERE key = ?", key);
      return row && textOf(row, "value");
    },
    put: (key, value) => void sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value),
  };
}

function createSkipTable(sql: Sql): SkipTable {
  return {
    shape: SHAPE,
    // The body, which may be large, is not read.
    has: (level, last) => sql.exec("SELECT last FROM skips WHERE level = ? AND last = ?", level, last).length > 0,
    get(level, last) {
      const [row] = sql.exec("SELECT body FROM skips WHERE level = ? AND last = ?", level, last);
      return row && textOf(row, "body");
    },
    put: (level, last, body) =>
      void sql.exec("INSERT OR REPLACE INTO skips (level, last, body) VALUES (?, ?, ?)", level, last, body),
    drop: (level, last) => void sql.exec("DELETE FROM skips WHERE level = ? AND last <= ?", level, last),
  };
}

function createVersionTable(sql: Sql): VersionTable {
  return {
    all: () =>
      sql.exec("SELECT * FROM versions").map((row) => ({
        id: textOf(row, "id"),
        name: textOrNull(row, "name"),
        seq: numberOf(row, "seq"),
        time: numberOf(row, "time"),
        userId: textOrNull(row, "user"),
      })),
    put: ({ id, name, seq, time, userId }) =>
      void sql.exec(
        "INSERT OR REPLACE INTO versions (id, name, seq, time, user) VALUES (?, ?, ?, ?, ?)",
        ...[id, name, seq, time, userId],
      ),
    delete: (id) => void sql.exec("DELETE FROM versions WHERE id = ?", id),
  };
}

function createClientTable(sql: Sql): ClientTable {
  return {
    get(id) {
      const [row] = sql.exec("SELECT * FROM clients WHERE id = ?", id);
      if (!row) return undefined;
      return {
        id,
        user: textOrNull(row, "user"),
        mutation: numberOf(row, "mutation"),
        seen: numberOf(row, "seen"),
        ...readAnswers(textOf(row, "rejections")),
      };
    },
    put(record) {
      const { id, user, mutation, seen } = record;
      sql.exec(
        "INSERT OR REPLACE INTO clients (id, user, mutation, seen, rejections) VALUES (?, ?, ?, ?, ?)",
        ...[id, user, mutation, seen, answersText(record)],
      );
    },
  };
}
