import "fake-indexeddb/auto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { indexedDb } from "../../src/client/index.ts";
import { createScene, LIST, text, write } from "./scene.ts";

test("an undo is kept as every mutation is, in a store that copies what it takes", async () => {
  const { server, open, settle, truth } = createScene({ breathe: () => sleep(5) });
  const machine = server.machine();
  const persist = indexedDb({ name: "kept undo" });
  const before = open({ machine, persist });
  // The store keeps the time of the machine that the tests run on: on a busy one it takes longer than a breath.
  const until = (what: () => unknown, is: unknown) =>
    expect.poll(() => settle().then(what), { timeout: 10_000 }).toEqual(is);
  await until(() => before.doc.status.state === "live" && before.doc.size > 0, true);
  write(before.doc, "a", "A");
  await until(() => before.doc.pending, 0);
  machine.online = false;
  before.undo.undo();
  await before.doc.close();
  expect(before.heard.errors).toEqual([]);

  const after = open({ machine, persist });
  await until(() => [after.doc.size > 0 && text(after.doc, "a"), after.doc.pending], ["a", 1]);
  machine.online = true;
  await server.advance(20_000);
  await until(() => after.doc.pending, 0);
  expect(truth()).toEqual(LIST);
  expect(after.heard.errors).toEqual([]);
});
