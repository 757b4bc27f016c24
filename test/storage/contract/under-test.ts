import type { Sql, Tables } from "../../../src/storage.ts";

/** A storage, as the contract needs it. */
export interface StorageUnderTest {
  readonly name: string;
  /**
   * Makes empty tables and runs the test on them. A callback, as the storage of a Durable Object can be used only
   * inside of it: `runInDurableObject(stub, (_, state) => test(tablesOf(state.storage)))`.
   */
  create(test: (tables: Tables) => void): void | Promise<void>;
  /** Parameters of a random test that is played so often where it costs little. */
  runs(usual: number): { readonly seed: number; readonly numRuns: number };
}

/** A database, for the rules about statements, rows and the schema. */
export interface SqlUnderTest {
  readonly name: string;
  /** Makes an empty database and runs the test on it. */
  create(test: (sql: Sql) => void): void | Promise<void>;
}

/** The tables as a document has them once it was created. */
export function prepared(tables: Tables): Tables {
  tables.prepare();
  tables.meta.put("document", "a test");
  return tables;
}
