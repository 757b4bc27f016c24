import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, move, update } from "../tree/document.ts";
import { call, openDocument, problem, request, stubOf, treeOf } from "./http-client.ts";
import { ask, join, rejoin } from "./socket-client.ts";

/** Makes every use of the table fail, as a damaged or full disk would, and takes nothing away. */
const breakTable = (id: string, table: string) => run(id, `ALTER TABLE ${table} RENAME TO ${table}_away`);
const repairTable = (id: string, table: string) => run(id, `ALTER TABLE ${table}_away RENAME TO ${table}`);
const run = (id: string, statement: string) =>
  runInDurableObject(stubOf(id), (_, state) => void state.storage.sql.exec(statement));

// What failed is told in the Worker's log, on purpose; here it is noise.
const log = vi.spyOn(console, "error").mockImplementation(() => {});

describe("S14 when the log cannot be written", () => {
  test("nobody hears of the mutation, everyone is closed with 1011, and the document goes on as before", async () => {
    const id = await openDocument("log", "root\n  a\n  b");
    const [ann, bob] = [await join(id, "ann", { presence: 1 }), await join(id, "bob")];
    await ann.write(insert("n", "a"));
    await bob.take("delta");
    const before = await request("GET", `${topic(id)}/tree`);

    await breakTable(id, "events");
    ann.mutate([move("a", "b"), update("n", { x: 1 })]);
    for (const member of [ann, bob]) {
      expect(await member.take("error")).toMatchObject({ code: "unavailable" });
      expect(await member.ended()).toMatchObject({ code: 1011 });
      expect(member.heard.filter(({ type }) => type === "reject")).toEqual([]);
      expect(member.replica.seq).toBe(1);
    }
    // As long as it is broken it says so, over HTTP too, and shows nothing of its inside.
    expect(await problem("POST", `${topic(id)}/mutations`, { ops: [] })).toMatchObject({ code: "unavailable" });
    expect(await problem("GET", `${topic(id)}/tree`)).toMatchObject({ code: "unavailable", status: 503 });
    expect(log.mock.calls.length).toBeGreaterThan(2);
    for (const line of log.mock.calls) {
      expect(line).toEqual([expect.stringMatching(/^a document failed: Error: no such table: events[^\n]*$/)]);
    }
    const early = await ask(id, "ann");
    expect(await early.ended()).toMatchObject({ code: 1011 });

    await repairTable(id, "events");
    expect(await request("GET", `${topic(id)}/tree`)).toEqual(before);
    const again = await rejoin(id, ann);
    expect(again.welcome).toMatchObject({ resume: "delta", seq: 1, mutation: 1, presence: {} });
    // The same counter again: it was never answered, so now it is applied.
    expect(await again.write([move("a", "b"), update("n", { x: 1 })])).toMatchObject({ seq: 2, mutation: 2 });
    expect(await treeOf(id)).toBe("root\n  b\n    a\n      n x=1");
    expect(again.replica.outline()).toBe(await treeOf(id));
    await evictDurableObject(stubOf(id));
    expect(await treeOf(id)).toBe(again.replica.outline());
  });

  test("what waited in the commit window is not told either", async () => {
    const id = await openDocument("window", "root");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    await ann.write(update("root", { x: 0 }));
    await breakTable(id, "events");
    for (let x = 1; x <= 50; x++) for (const member of [ann, bob]) member.mutate(update("root", { x }));
    for (const member of [ann, bob]) expect(await member.ended()).toMatchObject({ code: 1011 });
    await repairTable(id, "events");
    expect(await call("GET", topic(id))).toMatchObject({ seq: 1 });
    for (const member of [ann, bob]) expect(member.replica.seq).toBe(1);
    expect(await treeOf(id)).toBe("root x=0");
  });

  test("a mutation over HTTP is a problem, and repeated after the repair it is applied once", async () => {
    const id = await openDocument("http", "root");
    const body = { ops: [insert("n", "root")], client: "c", mutation: 1 };
    await call("POST", `${topic(id)}/mutations`, { ops: [update("root", { x: 1 })] });
    await breakTable(id, "events");
    expect(await problem("POST", `${topic(id)}/mutations`, body)).toMatchObject({ code: "unavailable", status: 503 });
    await repairTable(id, "events");
    expect(await call("POST", `${topic(id)}/mutations`, body)).toMatchObject({ seq: 2 });
    expect(await call("POST", `${topic(id)}/mutations`, body)).toMatchObject({ seq: 2 });
    expect(await treeOf(id)).toBe("root x=1\n  n");
  });
});

test("B39 S14 what was written before a statement that finds no room may be gone with it: nobody is told of it", async () => {
  const id = await openDocument("full", "root");
  const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
  // SQLite may roll back all of the turn by itself, and what is due is written after the log.
  const repair = await runInDurableObject(stubOf(id), (_, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    const spy = vi.spyOn(storage.sql, "exec").mockImplementation((statement, ...values) => {
      if (values[0] !== "life") return exec(statement, ...values);
      exec("DELETE FROM events");
      throw new Error("database or disk is full: SQLITE_FULL");
    });
    return () => spy.mockRestore();
  });
  ann.mutate(insert("n", "root"));
  for (const member of [ann, bob]) {
    expect(await member.ended()).toMatchObject({ code: 1011 });
    expect(member.heard.filter(({ type }) => type === "delta")).toEqual([]);
  }
  repair();
  expect(await treeOf(id)).toBe("root");
  const again = await rejoin(id, ann);
  await again.write(insert("n", "root"));
  expect(await treeOf(id)).toBe("root\n  n");
});

test("S14 when a rejection cannot be written, nothing of its frame is", async () => {
  const id = await openDocument("rejection", "root");
  const ann = await join(id, "ann");
  await ann.write(update("root", { x: 1 }));
  await breakTable(id, "clients");
  const ops = [[update("root", { x: 2 })], [insert("n", "ghost")], [update("root", { x: 3 })]];
  ann.send({ type: "mutate", mutations: ops.map((each, index) => ({ mutation: index + 2, ops: each })) });
  expect(await ann.ended()).toMatchObject({ code: 1011 });
  expect(ann.replica.seq).toBe(1);
  await repairTable(id, "clients");
  expect(await treeOf(id)).toBe("root x=1");
  const again = await rejoin(id, ann);
  expect(again.welcome.mutation).toBe(1);
  again.send({ type: "mutate", mutations: ops.map((each, index) => ({ mutation: index + 2, ops: each })) });
  expect(await again.answer(3)).toMatchObject({ code: "notFound" });
  expect(await again.answer(4)).toMatchObject({ seq: 3 });
});

test("D3 when a checkpoint cannot be written, stop fails, and the log still has everything", async () => {
  const id = await openDocument("checkpoint", "root\n  a");
  const ann = await join(id, "ann");
  await ann.write(insert("n", "a"));
  await breakTable(id, "nodes");
  expect(await problem("POST", `${topic(id)}/stop`)).toMatchObject({ code: "unavailable" });
  await ann.ended();
  await repairTable(id, "nodes");
  expect(await call("GET", topic(id))).toMatchObject({ seq: 1, checkpointSeq: 0 });
  expect(await treeOf(id)).toBe("root\n  a\n    n");
  expect(await call("POST", `${topic(id)}/stop`)).toMatchObject({ checkpointSeq: 1 });
  expect(await treeOf(id)).toBe("root\n  a\n    n");
});

test("D5 a document of a newer schema is refused and left as it is", async () => {
  const id = await openDocument("newer", "root");
  await run(id, "UPDATE meta SET value = value + 1000 WHERE key = 'schema'");
  await evictDurableObject(stubOf(id));
  expect(await problem("GET", topic(id))).toMatchObject({ code: "unavailable" });
  expect(await problem("PUT", topic(id), {})).toMatchObject({ code: "unavailable" });
  expect(await (await ask(id, "ann")).ended()).toMatchObject({ code: 1011 });
  await run(id, "UPDATE meta SET value = value - 1000 WHERE key = 'schema'");
  expect(await treeOf(id)).toBe("root");
});
