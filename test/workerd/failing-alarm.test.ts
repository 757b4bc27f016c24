import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { join, rejoin } from "./socket-client.ts";

// What failed is told in the Worker's log, on purpose; here it is noise.
vi.spyOn(console, "error").mockImplementation(() => {});

const alarmOf = (id: string) => runInDurableObject(stubOf(id), (_, { storage }) => storage.getAlarm());
const run = (id: string, statement: string) =>
  runInDurableObject(stubOf(id), (_, { storage }) => void storage.sql.exec(statement));

test("L6, S14 an alarm that cannot do its work comes again in half a minute, not at every use, and loses nothing", async () => {
  const id = await openDocument("failing", "root", { sweepInterval: null });
  // As a document may have that is older than the least of 5 s.
  await call("POST", `${topic(id)}/stop`);
  await run(id, "UPDATE meta SET value = json_set(value, '$.options.snapshotInterval', 100) WHERE key = 'document'");
  const ann = await join(id, "ann");
  // Rows of nodes can be read and not be written.
  await run(id, "CREATE TRIGGER broken BEFORE INSERT ON nodes BEGIN SELECT RAISE(FAIL, 'broken'); END");
  await ann.write(insert("a", "root"));
  expect(await ann.ended()).toMatchObject({ code: 1011 });
  const again = (await alarmOf(id)) ?? 0;
  expect(again - Date.now()).toBeGreaterThan(20_000);
  expect(again - Date.now()).toBeLessThanOrEqual(30_000);

  const back = await rejoin(id, ann);
  expect(await back.write(update("a", { x: 1 }))).toMatchObject({ seq: 2 });
  expect(await alarmOf(id), "uses in between do not bring it nearer").toBe(again);
  await run(id, "DROP TRIGGER broken");
  await runDurableObjectAlarm(stubOf(id));
  expect(await call("GET", topic(id))).toMatchObject({ state: "active", seq: 2, checkpointSeq: 2 });
  expect(await treeOf(id)).toBe("root\n  a x=1");
});
