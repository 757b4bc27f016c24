import { describe, expect, test } from "vitest";
import { createSqliteTables } from "../../src/storage.ts";
import { createTestServer, type TestServerOptions } from "../../src/testing/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { insert } from "../tree/document.ts";
import { connect, join } from "./wire.ts";

describe("R19 a test server", () => {
  test("joins and answers mutations, for two machines alike", async () => {
    const server = createTestServer();
    const ann = join(server.machine(), server.url("plan"), "ann");
    const bob = join(server.machine(), server.url("plan"), "bob");
    expect([ann.open, ann.texts]).toEqual([false, []]);
    await server.settle();
    expect([ann.open, bob.open]).toEqual([true, true]);
    expect(ann.hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
    bob.hear();
    ann.mutate(1, insert("a", "root"));
    bob.mutate(1, insert("b", "root"));
    await server.settle();
    // The second waits for the commit window, which is part of settling.
    expect(ann.hearShort()).toEqual(["delta 1", "delta 2"]);
    expect(bob.hearShort()).toEqual(["delta 1", "delta 2"]);
  });

  test("keeps documents apart, each made when it is first joined", async () => {
    const server = createTestServer();
    const machine = server.machine();
    expect(server.call("one").info()).toMatchObject({ ok: false, problem: { code: "notFound" } });
    const one = join(machine, server.url("one"), "ann");
    const two = join(machine, server.url("two"), "ann");
    await server.settle();
    one.mutate(1, insert("a", "root"));
    await server.settle();
    expect(server.call("one").info()).toMatchObject({ value: { documentId: "one", seq: 1, treeSize: 2 } });
    expect(server.call("two").info()).toMatchObject({ value: { documentId: "two", seq: 0, treeSize: 1 } });
    expect(two.hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  });

  test("answers calls like an object's stub", () => {
    const server = createTestServer({ defaults: { conflicts: "reject" } });
    const plan = server.call("plan");
    expect(plan.getOrStart({ tree: { id: "root", type: "list" } })).toMatchObject({
      value: { created: true, options: { conflicts: "reject" } },
    });
    expect(plan.mutate({ ops: [insert("a", "root")] })).toMatchObject({ value: { seq: 1 } });
    expect(plan.mutate({ ops: [] }, { user: null, role: "read" })).toMatchObject({ problem: { code: "forbidden" } });
    expect(plan.configure({ options: { gracePeriod: 5 } })).toMatchObject({ value: { options: { gracePeriod: 5 } } });
    expect(plan.getState()).toMatchObject({ value: { seq: 1, tree: { id: "root", children: [{ id: "a" }] } } });
    expect(plan.history({ limit: 1 })).toMatchObject({ value: { entries: [{ seq: 1 }], more: false } });
    expect(plan.history({ limit: 0 })).toMatchObject({ problem: { code: "invalid" } });
    expect(plan.stop()).toMatchObject({ value: { state: "asleep" } });
    expect(plan.destroy()).toEqual({ ok: true, value: null });
    expect(plan.info()).toMatchObject({ problem: { code: "notFound" } });
  });

  test("closes a role's and a caller's mistakes as a real one does", async () => {
    const server = createTestServer();
    server.call("plan").getOrStart();
    const reader = join(server.machine({ principal: { user: { id: "eve" }, role: "read" } }), server.url("plan"), "e");
    reader.mutate(1, insert("a", "root"));
    const mistaken = connect(server.machine(), server.url("plan"));
    mistaken.mutate(1, insert("a", "root"));
    const astray = connect(server.machine(), "ws://test/nothing/plan");
    await server.settle();
    expect(reader.hear()).toMatchObject([{ user: { id: "eve" }, role: "read" }, {}, { code: "forbidden" }]);
    expect([mistaken.closed?.code, astray.closed]).toEqual([4010, { code: 1006, reason: "" }]);
  });

  test("lets no time pass by itself, and timers go off in order", async () => {
    const server = createTestServer({ now: 1_000 });
    const machine = server.machine();
    const gone: string[] = [];
    const note = (what: string) => () => void gone.push(`${what} ${server.now}`);
    machine.after(5_000, note("late"));
    machine.after(700, note("soon"));
    machine.after(700, note("next"));
    const callOff = machine.after(10, note("never"));
    callOff();
    await server.settle();
    expect([gone, server.now]).toEqual([["soon 1700", "next 1700"], 1_700]);
    await server.advance(10_000);
    expect([gone.at(-1), server.now]).toEqual(["late 6000", 11_700]);
  });

  test("waits for promises, and refuses to be moved twice at once", async () => {
    const server = createTestServer();
    const machine = server.machine();
    let done = false;
    machine.after(10, async () => {
      for (let turn = 0; turn < 100; turn++) await null;
      machine.after(10, () => {
        done = true;
      });
    });
    const first = server.settle();
    await expect(server.settle()).rejects.toThrow("time is passing already");
    await first;
    expect(done).toBe(true);
  });

  test("answers a ping without waking the object, and closes who stops pinging", async () => {
    const server = createTestServer();
    const ann = join(server.machine(), server.url("plan"), "ann");
    await server.settle();
    ann.connection.send("ping");
    await server.settle();
    expect(ann.texts.at(-1)).toBe("pong");
    expect(server.call("plan").info()).toMatchObject({ value: { state: "active" } });
    await server.advance(10 * 60_000);
    expect(ann.closed?.code).toBe(4008);
    await server.advance(60_000);
    expect(server.call("plan").info()).toMatchObject({ value: { state: "asleep" } });
  });

  test("alarms ring as time passes: after the last one has left everything sleeps", async () => {
    const server = createTestServer();
    const ann = join(server.machine(), server.url("plan"), "ann");
    await server.settle();
    ann.mutate(1, insert("a", "root"));
    ann.connection.close(1000, "");
    await server.settle();
    expect(server.call("plan").info()).toMatchObject({ value: { state: "grace", checkpointSeq: 0 } });
    await server.advance(29_000);
    expect(server.call("plan").info()).toMatchObject({ value: { state: "grace" } });
    await server.advance(2_000);
    expect(server.call("plan").info()).toMatchObject({ value: { state: "asleep", checkpointSeq: 1 } });
  });
});

/** What everyone hears in a little story with everything in it, and ids of the machines. */
async function story(options: TestServerOptions): Promise<unknown> {
  const server = createTestServer(options);
  const [a, b] = [server.machine(), server.machine()];
  const ann = join(a, server.url("plan"), a.newId());
  const bob = join(b, server.url("plan"), b.newId(), { presence: b.random() });
  await server.settle();
  ann.mutate(1, { op: "insert", parent: "root", node: { type: "item" } });
  bob.mutate(1, insert(b.newId(), "root"));
  await server.advance(5);
  b.cut({ down: 1 });
  await server.settle();
  server.crash();
  await server.advance(100);
  return [ann.texts, bob.texts, ann.closed, bob.closed, server.now];
}

describe("determinism", () => {
  test("the same seed and steps give the same frames, another seed gives others", async () => {
    const once = await story({ seed: 7 });
    expect(await story({ seed: 7 })).toEqual(once);
    expect(await story({ seed: 8 })).not.toEqual(once);
  });

  test("so does a document in a database", async () => {
    const tables = () => createSqliteTables(openTestSql());
    expect(await story({ seed: 7, tables })).toEqual(await story({ seed: 7 }));
  });
});
