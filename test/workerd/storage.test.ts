import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Sql, SqlRow } from "../../src/storage.ts";
import { registerStorageContract } from "../storage/contract.ts";

// The rules of storage on the SQLite that they are for: its transactions, its limits, its own idea of numbers.

let databases = 0;

registerStorageContract({
  name: "the storage of a Durable Object",
  async create(test) {
    const stub = env.DOCUMENTS.getByName(`storage-${++databases}`);
    await runInDurableObject(stub, async (_, { storage }) => {
      test(portOf(storage));
      await storage.deleteAll();
    });
  },
});

/** As the object itself makes it. */
function portOf(storage: DurableObjectStorage): Sql {
  return {
    exec: (statement, ...values): SqlRow[] => storage.sql.exec(statement, ...values).toArray(),
    transaction: <T>(work: () => T) => storage.transactionSync(work),
  };
}
