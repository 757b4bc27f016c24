import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sqlOf } from "../../src/object/sql.ts";
import { createSqliteTables } from "../../src/session.ts";
import { registerSqlContract, registerStorageContract } from "../storage/contract.ts";
import { seed } from "./seed.ts";

// The rules of storage on the SQLite that they are for: its transactions, its limits, its own idea of numbers.

const name = "the storage of a Durable Object";
let databases = 0;

async function withStorage(test: (storage: DurableObjectStorage) => void): Promise<void> {
  const stub = env.DOCUMENTS.getByName(`storage-${++databases}`);
  await runInDurableObject(stub, async (_, { storage }) => {
    test(storage);
    await storage.deleteAll();
  });
}

registerStorageContract({
  name,
  create: (test) => withStorage((storage) => test(createSqliteTables(sqlOf(storage)))),
  // What is random has been played in full on node:sqlite, where a statement takes a third of the time.
  runs: (usual) => ({ seed, numRuns: Math.ceil(usual / 3) }),
});
registerSqlContract({ name, create: (test) => withStorage((storage) => test(sqlOf(storage))) });
