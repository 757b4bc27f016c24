import { describe } from "vitest";
import { registerCheckpoints } from "./contract/checkpoints.ts";
import { registerFrozen } from "./contract/frozen.ts";
import { registerHistory } from "./contract/history.ts";
import { registerLog } from "./contract/log.ts";
import { registerReload } from "./contract/reload.ts";
import { registerRows } from "./contract/rows.ts";
import { registerSchema } from "./contract/schema.ts";
import { registerTimeTravel } from "./contract/time-travel.ts";
import type { StorageUnderTest } from "./contract/under-test.ts";

/**
 * The rules D1–D8, to be run over every implementation of the port: node:sqlite here, a real Durable Object in workerd.
 * So nothing in these files may know either: they import src/, vitest and fast-check, and pure helpers.
 */
export function registerStorageContract(storage: StorageUnderTest): void {
  describe(`storage on ${storage.name}`, { timeout: 120_000 }, () => {
    registerLog(storage);
    registerRows(storage);
    registerCheckpoints(storage);
    registerReload(storage);
    registerFrozen(storage);
    registerSchema(storage);
    registerHistory(storage);
    registerTimeTravel(storage);
  });
}
