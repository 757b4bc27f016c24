import { createMemoryTables } from "../../src/storage.ts";
import { runs } from "../support/seed.ts";
import { registerStorageContract } from "./contract.ts";

// A document in memory is "reopened" on the same tables.
registerStorageContract({ name: "memory", create: (test) => test(createMemoryTables()), runs });
