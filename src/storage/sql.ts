export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * The port to a SQLite database: all that storage needs of one. `exec` runs one statement and returns its rows;
 * `transaction` runs synchronous work and takes back everything it wrote if it throws.
 */
export interface Sql {
  exec(statement: string, ...values: SqlValue[]): SqlRow[];
  transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T;
  /** Rows written since this was asked last, as the platform counts and bills them. */
  takeRowsWritten(): number;
  /** The size of the database in bytes. */
  readonly bytes: number;
}

/**
 * Whether a statement failed because there is no more room. Known by its words alone: the platform's errors have no code of their own
 * (workerd 1.20261023 and node:sqlite, 2026-11-27).
 */
export function isStorageFull(error: unknown): boolean {
  return error instanceof Error && /SQLITE_FULL|database or disk is full/.test(error.message);
}

// Columns hold what we wrote there. These say so to the compiler, and notice a damaged database.
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new Error(`column ${column} holds ${typeof value}, not text`);
}
export function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}
/** A BLOB: workerd gives a buffer, node:sqlite bytes. */
export function bytesOf(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  throw new Error(`column ${column} holds ${typeof value}, not bytes`);
}
export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw new Error(`column ${column} holds ${typeof value}, not a number`);
}
export function numberOrNull(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}
