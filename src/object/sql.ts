import { isStorageFull, type Sql, type SqlRow } from "../session.ts";

/** The port to an object's database. It counts what is billed. */
export interface CountingSql extends Sql {
  /** Rows that are written beside it: an alarm is one. */
  count(rows: number): void;
}

export function sqlOf(storage: DurableObjectStorage): CountingSql {
  let rowsWritten = 0;
  /** Why the statement has failed that has ended a transaction by itself: to roll that back fails, too, and says less. */
  let noRoom: unknown = null;
  return {
    exec(statement, ...values) {
      try {
        const cursor = storage.sql.exec(statement, ...values);
        const rows: SqlRow[] = cursor.toArray();
        rowsWritten += cursor.rowsWritten;
        return rows;
      } catch (error) {
        if (isStorageFull(error)) noRoom = error;
        throw error;
      }
    },
    transaction<T>(work: () => T): T {
      noRoom = null;
      try {
        return storage.transactionSync(work);
      } catch (error) {
        throw noRoom ?? error;
      }
    },
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
