import { describe } from "vitest";
import { registerCheckpoints } from "./contract/checkpoints.ts";
import { registerEarlyRows } from "./contract/early-rows.ts";
import { registerExpect } from "./contract/expect.ts";
import { registerFrozen } from "./contract/frozen.ts";
import { registerFrozenNodes } from "./contract/frozen-nodes.ts";
import { registerHistory } from "./contract/history.ts";
import { registerImporting } from "./contract/importing.ts";
import { registerLog } from "./contract/log.ts";
import { registerNodeTable } from "./contract/node-table.ts";
import { registerOvertaken } from "./contract/overtaken.ts";
import { registerPort } from "./contract/port.ts";
import { registerReload } from "./contract/reload.ts";
import { registerRetention } from "./contract/retention.ts";
import { registerRetentionBounds } from "./contract/retention-bounds.ts";
import { registerRows } from "./contract/rows.ts";
import { registerSkips } from "./contract/skips.ts";
import { registerSlices } from "./contract/slices.ts";
import { registerTimeTravel } from "./contract/time-travel.ts";
import { registerTyping } from "./contract/typing.ts";
import type { SqlUnderTest, StorageUnderTest } from "./contract/under-test.ts";
import { registerVersions } from "./contract/versions.ts";
import { registerWeight } from "./contract/weight.ts";
import { registerSqlCheckpoints } from "./sql/checkpoints.ts";
import { registerSqlHistory } from "./sql/history.ts";
import { registerSqlLog } from "./sql/log.ts";
import { registerOldDocument } from "./sql/old-document.ts";
import { registerPages } from "./sql/pages.ts";
import { registerReplay } from "./sql/replay.ts";
import { registerSqlRows } from "./sql/rows.ts";
import { registerScans } from "./sql/scans.ts";
import { registerSchema } from "./sql/schema.ts";
import { registerSqlTyping } from "./sql/typing.ts";

// The rules of storage, to be run over every implementation of its ports: node:sqlite and memory here, a real Durable
// Object in workerd. So nothing in these files may know any of them: they import src/, vitest and fast-check, and pure
// helpers.

/** The rules that hold wherever a document is kept. */
export function registerStorageContract(storage: StorageUnderTest): void {
  describe(`storage in ${storage.name}`, { timeout: 120_000 }, () => {
    registerPort(storage);
    registerNodeTable(storage);
    registerLog(storage);
    registerTyping(storage);
    registerRows(storage);
    registerExpect(storage);
    registerCheckpoints(storage);
    registerEarlyRows(storage);
    registerReload(storage);
    registerFrozen(storage);
    registerFrozenNodes(storage);
    registerOvertaken(storage);
    registerImporting(storage);
    registerHistory(storage);
    registerTimeTravel(storage);
    registerRetention(storage);
    registerRetentionBounds(storage);
    registerWeight(storage);
    registerSkips(storage);
    registerSlices(storage);
    registerVersions(storage);
  });
}

/** What is about statements, rows and the schema. */
export function registerSqlContract(storage: SqlUnderTest): void {
  describe(`tables in ${storage.name}`, { timeout: 120_000 }, () => {
    registerSchema(storage);
    registerOldDocument(storage);
    registerSqlLog(storage);
    registerSqlTyping(storage);
    registerSqlRows(storage);
    registerSqlCheckpoints(storage);
    registerSqlHistory(storage);
    registerReplay(storage);
    registerPages(storage);
    registerScans(storage);
  });
}
