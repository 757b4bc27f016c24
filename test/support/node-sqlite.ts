import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Sql, SqlRow, SqlValue } from "../../src/storage.ts";

/** Where the storage of a Durable Object refuses and SQLite itself does not (platform.md, 2026-11). */
const BOUND_VALUES = 100;
const STATEMENT_BYTES = 100_000;
const TEXT_BYTES = 2_000_000;
const NOT_ALLOWED = /^\s*(begin|commit|end|rollback|savepoint|release|pragma|attach|detach|vacuum)\b/i;

/** The fault that `failAt` asked for; whoever catches it can tell it from a bug. */
export class InjectedFault extends Error {}

/** The storage port over node:sqlite, refusing what the platform refuses, and failing when told to. */
export interface TestSql extends Sql {
  /** How many statements have run, the ends of transactions included. */
  readonly statements: number;
  /** Makes the n-th statement from now on throw (1: the next one), once; null takes that back. */
  failAt(n: number | null, error?: Error): void;
  /** Lets the database grow by so many pages and no further; null takes that back. */
  limit(pages: number | null): void;
  /** All rows written since it was opened. */
  readonly totalRows: number;
  /** Reads for a test that looks on: it is not counted and never fails. */
  peek(statement: string): SqlRow[];
  close(): void;
}

export function openTestSql(path = ":memory:"): TestSql {
  const database = new DatabaseSync(path);
  const prepared = new Map<string, StatementSync>();
  let statements = 0;
  let rowsTaken = 0;
  let fault: number | null = null;
  let thrown: Error | null = null;
  let depth = 0;

  const totalRows = () => Number(prepare("SELECT total_changes() AS rows").get()?.rows);
  const count = () => {
    statements++;
    if (fault === null) return;
    fault--;
    if (fault > 0) return;
    fault = null;
    if (thrown) throw thrown;
    throw new InjectedFault(`statement ${statements} was told to fail`);
  };
  const prepare = (statement: string): StatementSync => {
    const known = prepared.get(statement);
    if (known) return known;
    const fresh = database.prepare(statement);
    prepared.set(statement, fresh);
    return fresh;
  };

  return {
    exec(statement: string, ...values: SqlValue[]): SqlRow[] {
      refuseLikeThePlatform(statement, values);
      count();
      return prepare(statement).all(...values);
    },
    transaction<T>(work: () => T): T {
      // Transactions nest on the platform; so they do here.
      const name = `level${depth}`;
      database.exec(depth === 0 ? "BEGIN" : `SAVEPOINT ${name}`);
      depth++;
      try {
        const result = work();
        // A commit can fail as well as what is in it.
        count();
        database.exec(depth === 1 ? "COMMIT" : `RELEASE ${name}`);
        return result;
      } catch (error) {
        // Without room for it SQLite has rolled all of it back by itself.
        if (!database.isTransaction) throw error;
        if (depth === 1) database.exec("ROLLBACK");
        else for (const undo of [`ROLLBACK TO ${name}`, `RELEASE ${name}`]) database.exec(undo);
        throw error;
      } finally {
        depth--;
      }
    },
    get totalRows() {
      return totalRows();
    },
    takeRowsWritten() {
      const taken = totalRows() - rowsTaken;
      rowsTaken += taken;
      return taken;
    },
    get bytes() {
      // As on the platform: what was deleted is not counted, though the file does not shrink (workerd 1.20261023, 2026-11-27).
      const size =
        "SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
      return Number(prepare(size).get()?.bytes);
    },
    get statements() {
      return statements;
    },
    peek: (statement) => prepare(statement).all(),
    failAt(n, error) {
      fault = n;
      thrown = error ?? null;
    },
    limit(pages) {
      const [count] = prepare("SELECT page_count AS pages FROM pragma_page_count()").all();
      database.exec(`PRAGMA max_page_count = ${pages === null ? 1_000_000 : Number(count?.pages) + pages}`);
    },
    close: () => database.close(),
  };
}

function refuseLikeThePlatform(statement: string, values: readonly SqlValue[]): void {
  const refuse = (why: string): never => {
    throw new Error(`the platform would refuse this: ${why}: ${statement.slice(0, 80)}`);
  };
  if (NOT_ALLOWED.test(statement)) refuse("not allowed");
  if (Buffer.byteLength(statement) > STATEMENT_BYTES) refuse("statement too long");
  if (values.length > BOUND_VALUES) refuse(`${values.length} bound values`);
  for (const value of values) {
    // Three bytes a character at most: most texts need not be measured.
    if (typeof value !== "string" || value.length * 3 <= TEXT_BYTES) continue;
    if (Buffer.byteLength(value) > TEXT_BYTES) refuse(`a text of ${Buffer.byteLength(value)} bytes`);
  }
}
