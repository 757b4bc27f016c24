import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import type { Info } from "../../src/session.ts";
import { readForkRequest } from "../../src/worker/forks.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, problem, request, stubOf, treeOf } from "./http-client.ts";
import { expectNothing, exportOf, importInto, importProblem, nodeRows, wide } from "./transfer-client.ts";

// What failed is told in the Worker's log, on purpose; here it is noise.
vi.spyOn(console, "error").mockImplementation(() => {});

const post = (id: string, ...ops: readonly object[]) => call("POST", `${topic(id)}/mutations`, { ops });
const fork = (id: string, body: object) => call<Info>("POST", `${topic(id)}/fork`, body, 201);
const history = (id: string) =>
  call<{ entries: readonly object[] }>("GET", `${topic(id)}/history?inverse=true&summary=true`);

/** A document with something in its history, and nodes that were removed with what lay below. */
async function openOld(name: string): Promise<string> {
  const id = await openDocument(name, "root\n  a\n    b\n  c\n  d", { gracePeriod: 1_000 });
  await post(id, update("a", { x: 1 }));
  await post(id, remove("a"), insert("e", "c"));
  await post(id, move("d", "c", { after: null }), update("e", { y: "😀" }));
  return id;
}

test("V70 a fork is a new document with the tree and the options, and nothing of the history", async () => {
  const id = await openOld("fork");
  const made = await fork(id, { to: "fork-new" });
  expect(made).toMatchObject({ documentId: "fork-new", seq: 0, treeSize: 4, historyFrom: 1, checkpointSeq: 0 });
  expect(made.options).toMatchObject({ gracePeriod: 1_000 });
  expect(made.incarnation).not.toBe((await call<Info>("GET", topic(id))).incarnation);
  expect(await exportOf("fork-new")).toBe(await exportOf(id));
  expect(await nodeRows("fork-new"), "what was removed is not in it, nor what lies below that").toBe(4);
  await post("fork-new", update("e", { z: 1 }), remove("c"));
  await evictDurableObject(stubOf("fork-new"));
  expect(await treeOf("fork-new")).toBe("root");
  expect(await treeOf(id), "and the other one is another one").toContain("e");
});

test("V71 a fork of a moment is the tree of that", async () => {
  const id = await openOld("fork-at");
  for (const at of [0, 1, 2]) {
    await fork(id, { to: `moment-${at}`, at });
    expect(await treeOf(`moment-${at}`)).toBe(await treeOf(id, `?at=${at}`));
  }
  expect(await problem("POST", `${topic(id)}/fork`, { to: "fork-later", at: 9 })).toMatchObject({ status: 400 });
  await expectNothing("fork-later");
});

test("V72 with its history it is the same document with another id, and another incarnation", async () => {
  const id = await openOld("fork-all");
  await fork(id, { to: "fork-all-new", history: true });
  await evictDurableObject(stubOf("fork-all-new"));
  expect(await history("fork-all-new")).toEqual(await history(id));
  for (const at of [0, 1, 2, 3]) expect(await treeOf("fork-all-new", `?at=${at}`)).toBe(await treeOf(id, `?at=${at}`));
  for (const path of ["/bin", "/blame?node=e", "/diff?from=1"])
    expect(await call("GET", `${topic("fork-all-new")}${path}`)).toEqual(await call("GET", `${topic(id)}${path}`));
  expect(await post("fork-all-new", move("a", "root", { after: "a" }))).toMatchObject({ seq: 4 });
  await post(id, move("a", "root", { after: "a" }));
  expect(await treeOf("fork-all-new")).toBe(await treeOf(id));
});

test("V73 with the history up to a moment it is what the document was then", async () => {
  const id = await openOld("fork-then");
  for (const at of [1, 2]) {
    const to = `then-${at}`;
    expect(await fork(id, { to, at, history: true })).toMatchObject({ seq: at });
    expect(await treeOf(to)).toBe(await treeOf(id, `?at=${at}`));
    expect((await history(to)).entries).toEqual((await history(id)).entries.slice(0, at));
  }
  expect(await call("GET", `${topic("then-2")}/bin`)).toMatchObject({ entries: [{ id: "a" }] });
  expect(await post("then-2", move("a", "root", { after: "a" }))).toMatchObject({ seq: 3 });
  expect(await treeOf("then-2")).toBe("root\n  a x=1\n    b\n  c\n    e\n  d");
});

test("V74 a fork touches nothing that is there, nor what it is a fork of", async () => {
  const id = await openOld("fork-there");
  const other = await openDocument("other", "root\n  own");
  const before = await exportOf(other);
  for (const to of [other, id])
    expect(await problem("POST", `${topic(id)}/fork`, { to })).toMatchObject({ code: "exists", status: 409 });
  expect(await exportOf(other)).toBe(before);
  for (const body of [{}, { to: ".." }, { to: "a b" }, { to: 1 }, { to: "x", from: 1 }, { to: "x", history: 1 }])
    expect(await problem("POST", `${topic(id)}/fork`, body)).toMatchObject({ code: "invalid", status: 400 });
  expect(await problem("POST", `${topic(id)}/fork`, `{"to":"${"x".repeat(2_000)}"}`)).toMatchObject({ status: 413 });
  expect(await problem("POST", `${topic("nothing")}/fork`, { to: "new" })).toMatchObject({ status: 404 });
  await expectNothing("new");
});

test("V75 broken off in the middle nothing of it is left, and the document goes on", async () => {
  expect((await importInto("large", wide(20_000, { text: "x".repeat(100) }))).status).toBe(201);
  const stub = stubOf("large");
  const forking = stub.fork({ to: "half" });
  await vi.waitFor(async () => expect(await nodeRows("half")).toBeGreaterThan(0));
  // Everybody else is answered meanwhile.
  await post("large", insert("new", "root"));
  await call("POST", `${topic("large")}/stop`);
  expect(await forking).toMatchObject({ ok: false, problem: { code: "unavailable" } });
  await expectNothing("half");
  await post("large", insert("newer", "root"));
  expect(await stub.fork({ to: "half" })).toMatchObject({ ok: true });
  expect(await exportOf("half")).toBe(await exportOf("large"));
  expect(await runInDurableObject(stubOf("half"), (_, { storage }) => storage.getAlarm())).toBe(null);
});

test("V80 V82 over HTTP a backup makes the same document, and one that was cut off none", async () => {
  const id = await openOld("backed-up");
  await call("POST", `${topic(id)}/stop`);
  const backup = (await request("GET", `${topic(id)}/export?history=true`)).text;
  expect((await importInto("restored", backup)).status).toBe(201);
  await evictDurableObject(stubOf("restored"));
  expect(await history("restored")).toEqual(await history(id));
  for (const at of [0, 1, 2, 3]) expect(await treeOf("restored", `?at=${at}`)).toBe(await treeOf(id, `?at=${at}`));
  expect(await stubOf(id).export({ user: null, role: "write" }, { history: true })).toMatchObject({ ok: false });
  const half = backup.slice(0, backup.lastIndexOf("{"));
  expect(await importProblem("cut-off", half)).toMatchObject({ code: "invalid", status: 400 });
  await expectNothing("cut-off");
  expect(await problem("GET", `${topic(id)}/export?history=1`)).toMatchObject({ status: 400 });
});

test("V70 a request for a fork has so many bytes, and no more", async () => {
  const asked = (bytes: number) =>
    readForkRequest(new Request("https://x", { method: "POST", body: '{"to":"x"}'.padEnd(bytes) }));
  expect(await asked(LIMITS.forkRequestBytes)).toMatchObject({ ok: true, value: { to: "x" } });
  expect(await asked(LIMITS.forkRequestBytes + 1)).toMatchObject({ problem: { code: "tooLarge" } });
});
