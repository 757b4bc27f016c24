import type { Sql, SqlRow } from "../../src/storage.ts";

/** A port that notes the statements that run through it. */
export interface CountingSql extends Sql {
  /** The statements since the last call of this. */
  take(): string[];
}

export function countingSql(
  sql: Sql,
  look: (statement: string, rows: readonly SqlRow[]) => void = () => {},
): CountingSql {
  let noted: string[] = [];
  return {
    exec(statement, ...values) {
      noted.push(statement);
      const rows = sql.exec(statement, ...values);
      look(statement, rows);
      return rows;
    },
    transaction: (work) => sql.transaction(work),
    takeRowsWritten: () => sql.takeRowsWritten(),
    get bytes() {
      return sql.bytes;
    },
    take() {
      const taken = noted;
      noted = [];
      return taken;
    },
  };
}
