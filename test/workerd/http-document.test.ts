import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, problem, request, stubOf, treeOf } from "./http-client.ts";
import { ask, connect, join, rejoin } from "./socket-client.ts";

describe("PUT", () => {
  test("H1 creates a document with its tree and options, and answers with what it is", async () => {
    const before = Date.now();
    const tree = { id: "top", type: "page", attrs: { title: "T" }, children: [{ id: "a", type: "item" }] };
    const answer = await call<object>("PUT", topic("new"), { tree, options: { conflicts: "reject" } }, 201);
    expect(answer).toEqual({
      documentId: "new",
      state: "asleep",
      incarnation: expect.stringMatching(/./),
      createdAt: expect.any(Number),
      seq: 0,
      checkpointSeq: 0,
      treeSize: 2,
      subscriberCount: 0,
      storageBytes: expect.any(Number),
      space: "enough",
      historyFrom: 1,
      options: {
        gracePeriod: 30_000,
        snapshotInterval: 60_000,
        sweepInterval: 60_000,
        create: "first",
        maxBytes: 1_000_000_000,
        historyRetention: null,
        historyMaxEvents: null,
        historyMaxBytes: null,
        automaticVersions: 0,
        conflicts: "reject",
        documentStorage: true,
        storage: "sqlite",
      },
      counters: {
        commits: 0,
        mutations: 0,
        rejections: 0,
        rowsWritten: expect.any(Number),
        wakeUps: { message: 0, connect: 0, close: 0, alarm: 0, call: 1 },
      },
      created: true,
    });
    expect(answer).toHaveProperty("createdAt", expect.closeTo(before, -4));
    expect(await treeOf("new")).toBe('top:page title="T"\n  a');
  });

  test("H1 finds a document that exists and changes nothing of it, whatever it is given", async () => {
    const id = await openDocument("old", "root\n  a");
    const first = await call<object>("GET", topic(id));
    const again = { tree: { type: "other" }, options: { conflicts: "reject" } };
    expect(await call("PUT", topic(id), again)).toEqual({ ...first, created: false });
    expect(await treeOf(id)).toBe("root\n  a");
  });

  test("H1 without a body creates an empty document", async () => {
    await call("PUT", topic("empty"), undefined, 201);
    expect(await treeOf("empty")).toBe("root:root");
  });

  test("H1 by many at once creates it once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => request("PUT", topic("race"), {})));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    const incarnations = answers.map(({ text }): unknown => JSON.parse(text).incarnation);
    expect(new Set(incarnations).size).toBe(1);
  });

  test("T5 a node without an id is given one, each its own", async () => {
    await call("PUT", topic("idless"), { tree: { type: "root", children: [{ type: "a" }, { type: "b" }] } }, 201);
    const { tree } = await call<{ tree: { id: string; children: { id: string }[] } }>("GET", `${topic("idless")}/tree`);
    const ids = [tree.id, ...tree.children.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9._~:-]{1,128}$/);
  });

  test("T2 an id that stands in the tree twice is refused, and nothing is created", async () => {
    const tree = { id: "root", type: "root", children: [{ id: "root", type: "item" }] };
    expect(await problem("PUT", topic("twice"), { tree })).toMatchObject({ code: "invalid" });
    expect(await problem("GET", topic("twice"))).toMatchObject({ code: "notFound" });
  });
});

describe("GET", () => {
  test("info follows the document: seq, size, subscribers", async () => {
    const id = await openDocument("info", "root\n  a");
    const ann = await join(id, "ann");
    await connect(id); // has not joined, so it is no subscriber
    await ann.write([insert("b", "a"), insert("c", "a")]);
    expect(await call("GET", topic(id))).toMatchObject({ documentId: id, seq: 1, treeSize: 4, subscriberCount: 1 });
    ann.send({ type: "leave" });
    await ann.ended();
    expect(await call("GET", topic(id))).toMatchObject({ subscriberCount: 0 });
  });

  test("D6 looking at a document that was never created finds nothing and creates nothing", async () => {
    const path = topic("never");
    for (const [method, below, body] of [
      ["GET", "", undefined],
      ["GET", "/tree", undefined],
      ["GET", "/history", undefined],
      ["POST", "/mutations", { ops: [update("root", { x: 1 })] }],
      ["POST", "/stop", undefined],
      ["DELETE", "", undefined],
    ] as const) {
      expect(await problem(method, path + below, body), `${method} ${below}`).toMatchObject({ code: "notFound" });
    }
    // A socket that never joins does not create it either.
    const socket = await connect("never");
    socket.close();
    await socket.ended();
    const tables = await runInDurableObject(stubOf("never"), (_, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("stop and DELETE", () => {
  test("H5 stop checkpoints and closes every subscriber; the document goes on at the next join", async () => {
    const id = await openDocument("stop", "root\n  a");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    await ann.write(update("a", { x: 1 }));
    expect(await call("POST", `${topic(id)}/stop`)).toMatchObject({ seq: 1, checkpointSeq: 1, subscriberCount: 0 });
    for (const member of [ann, bob]) {
      expect(await member.take("error")).toMatchObject({ code: "stopped" });
      expect(await member.ended()).toMatchObject({ code: 4000 });
    }
    const again = await rejoin(id, ann);
    expect(again.welcome).toMatchObject({ incarnation: ann.welcome.incarnation, seq: 1, mutation: 1, resume: "delta" });
    expect(await again.write(update("a", { x: 2 }))).toMatchObject({ seq: 2 });
  });

  test("H6 DELETE removes everything and a later join begins a new incarnation", async () => {
    const id = await openDocument("delete", "root\n  a");
    const ann = await join(id, "ann");
    await ann.write(update("a", { x: 1 }));
    expect(await call("DELETE", topic(id))).toBe(null);
    expect(await ann.take("error")).toMatchObject({ code: "notFound" });
    expect(await ann.ended()).toMatchObject({ code: 4004 });
    expect(await problem("GET", topic(id))).toMatchObject({ code: "notFound" });
    const left = () =>
      runInDurableObject(stubOf(id), async (_, state) => ({
        tables: state.storage.sql.exec("SELECT name FROM sqlite_master").toArray(),
        alarm: await state.storage.getAlarm(),
      }));
    expect(await left()).toEqual({ tables: [], alarm: null });

    const back = await ask(id, "ann", { incarnation: ann.welcome.incarnation, seq: 1 });
    expect(await back.take("error")).toMatchObject({ code: "notFound" });
    expect(await left()).toEqual({ tables: [], alarm: null });
    const again = await join(id, "ann");
    expect(again.welcome).toMatchObject({ seq: 0, mutation: 0, resume: "snapshot" });
    expect(again.welcome.incarnation).not.toBe(ann.welcome.incarnation);
    expect(again.replica.outline()).toBe("root:root");
    expect(await again.write(insert("n", "root"))).toMatchObject({ seq: 1, mutation: 1 });
  });

  test("W32 what a document says of its making outlives it, also where the object sleeps in between", async () => {
    const id = "explicit";
    await call("PUT", topic(id), { options: { create: "explicit" } }, 201);
    await call("DELETE", topic(id));
    await evictDurableObject(stubOf(id));
    const refused = async () => (await (await ask(id, "ann")).take("error")).code;
    expect(await refused()).toBe("notFound");
    expect(await problem("DELETE", topic(id))).toMatchObject({ code: "notFound" });
    expect(await refused()).toBe("notFound");
    await call("PUT", topic(id), {}, 201);
    expect((await join(id, "ann")).welcome).toMatchObject({ seq: 0 });
    await call("DELETE", topic(id));
    expect((await join(id, "bob")).welcome).toMatchObject({ seq: 0 });
  });
});
