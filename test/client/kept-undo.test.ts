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
  await settle();
  write(before.doc, "a", "A");
  await settle();
  machine.online = false;
  before.undo.undo();
  await before.doc.close();
  expect(before.heard.errors).toEqual([]);

  const after = open({ machine, persist });
  await settle();
  expect([text(after.doc, "a"), after.doc.pending]).toEqual(["a", 1]);
  machine.online = true;
  await server.advance(20_000);
  expect(after.doc.pending).toBe(0);
  expect(truth()).toEqual(LIST);
  expect(after.heard.errors).toEqual([]);
});
