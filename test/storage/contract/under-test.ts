import type { Sql } from "../../../src/storage.ts";

/** An implementation of the port, as the contract needs it. */
export interface StorageUnderTest {
  readonly name: string;
  /**
   * Makes an empty database and runs the test on it. A callback, as the storage of a Durable Object can be used only
   * inside of it: `runInDurableObject(stub, (_, state) => test(portOf(state.storage)))`.
   */
  create(test: (sql: Sql) => void): void | Promise<void>;
  /** Of the random tests; it is printed when one fails. */
  readonly seed?: number;
}
