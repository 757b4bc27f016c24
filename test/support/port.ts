import { createSqliteTables, type Sql, type Tables } from "../../src/storage.ts";

/** What a test keeps its document in: a database, or the tables of any storage. */
export type Where = Sql | Tables;

export function portOf(where: Where): Tables {
  return "exec" in where ? createSqliteTables(where) : where;
}
