import { isStorageFull, type Sql, type SqlRow } from "../session.ts";

/** The port to an object's database. It counts what is billed. */
export interface CountingSql extends Sql {
  /** Rows that are written beside it: an alarm is one. */
  count(rows: number): void;
  /**
   * Runs the work of one turn. Throws where a statement has found no room behind others that have written, whoever caught that:
   * SQLite may have rolled back all of the turn by itself.
   */
  turn<T>(work: () => T): T;
}

export function sqlOf(storage: DurableObjectStorage): CountingSql {
  let rowsWritten = 0;
  /** Why the statement has failed that has ended a transaction by itself: to roll that back fails, too, and says less. */
  let noRoom: unknown = null;
  /** Whether this turn has written anything that it has not taken back, and why that may be lost. */
  let wrote = false;
  let lost: unknown = null;
  let isInside = false;
  const failed = (error: unknown) => {
    if (isStorageFull(error) && wrote && !isInside) lost ??= error;
  };
  return {
    exec(statement, ...values) {
      try {
        const cursor = storage.sql.exec(statement, ...values);
        const rows: SqlRow[] = cursor.toArray();
        rowsWritten += cursor.rowsWritten;
        wrote ||= cursor.rowsWritten > 0;
        return rows;
      } catch (error) {
        if (isStorageFull(error)) noRoom = error;
        failed(error);
        throw error;
      }
    },
    transaction<T>(work: () => T): T {
      noRoom = null;
      const before = { wrote, isInside };
      isInside = true;
      try {
        return storage.transactionSync(work);
      } catch (thrown) {
        const error = noRoom ?? thrown;
        ({ wrote, isInside } = before);
        failed(error);
        throw error;
      } finally {
        ({ isInside } = before);
      }
    },
    turn(work) {
      wrote = false;
      lost = null;
      const result = work();
      if (lost) throw lost;
      return result;
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
