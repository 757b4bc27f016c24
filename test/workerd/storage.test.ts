import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sqlOf } from "../../src/sql.ts";
import { registerStorageContract } from "../storage/contract.ts";

// The rules of storage on the SQLite that they are for: its transactions, its limits, its own idea of numbers.

let databases = 0;

registerStorageContract({
  name: "the storage of a Durable Object",
  async create(test) {
    const stub = env.DOCUMENTS.getByName(`storage-${++databases}`);
    await runInDurableObject(stub, async (_, { storage }) => {
      test(sqlOf(storage));
      await storage.deleteAll();
    });
  },
});
