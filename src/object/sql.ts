import type { Sql, SqlRow } from "../session.ts";

/** The port to an object's database. It counts what is billed. */
export interface CountingSql extends Sql {
  /** Rows that are written beside it: an alarm is one. */
  count(rows: number): void;
}

export function sqlOf(storage: DurableObjectStorage): CountingSql {
  let rowsWritten = 0;
  return {
    exec(statement, ...values) {
      const cursor = storage.sql.exec(statement, ...values);
      const rows: SqlRow[] = cursor.toArray();
      rowsWritten += cursor.rowsWritten;
      return rows;
    },
    transaction: <T>(work: () => T): T => storage.transactionSync(work),
    takeRowsWritten() {
      const taken = rowsWritten;
      rowsWritten = 0;
      return taken;
    },
    get bytes() {
      return storage.sql.databaseSize;
    },
    count(rows) {
      rowsWritten += rows;
    },
  };
}
