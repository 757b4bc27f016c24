import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { createReplica } from "../support/replica.ts";
import { insert, remove, update } from "../tree/document.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { memories } from "./sleeps.ts";
import { connect, join, rejoin } from "./socket-client.ts";

describe.each(memories)("S7 resuming %s", (_, forget) => {
  test("with nothing missed, nothing but the welcome is sent", async () => {
    const id = await openDocument("nothing", "root\n  a");
    const ann = await join(id, "ann");
    await ann.write(update("a", { x: 1 }));
    ann.close(1000);
    await ann.ended();
    await forget(id);
    const again = await rejoin(id, ann);
    expect(again.welcome).toMatchObject({ resume: "delta", seq: 1, mutation: 1 });
    await again.write(update("a", { x: 2 }));
    expect(again.heard.map(({ type }) => type)).toEqual(["delta"]);
  });

  test("only what was missed is sent", async () => {
    const id = await openDocument("missed", "root\n  a");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    await ann.write(update("a", { x: 1 }));
    ann.close(1000);
    await ann.ended();
    for (const x of [2, 3, 4]) await bob.write(update("a", { x }));
    await forget(id);
    const again = await rejoin(id, ann);
    expect(again.welcome).toMatchObject({ resume: "delta", seq: 4, mutation: 1 });
    const { events } = await again.take("delta");
    expect(events.map(({ seq, client }) => [seq, client])).toEqual([2, 3, 4].map((seq) => [seq, "bob"]));
    expect(again.heard).toEqual([]);
    expect(again.replica.outline()).toBe(await treeOf(id));
  });

  test("from the middle of a commit, only its rest is sent", async () => {
    const id = await openDocument("middle", "root\n  a");
    const bob = await join(id, "bob");
    bob.send({
      type: "mutate",
      mutations: [1, 2, 3, 4].map((mutation) => ({ mutation, ops: [update("a", { x: mutation })] })),
    });
    await bob.answer(4);
    await forget(id);
    // A replica that knows nothing of the tree could not apply it; the frame is what counts.
    const ann = await connect(id, { replica: { ...createReplica(), hear() {} } });
    const { incarnation } = bob.welcome;
    ann.send({ type: "join", protocol: 2, client: "ann", incarnation, seq: 2 });
    expect(await ann.take("welcome")).toMatchObject({ resume: "delta" });
    await ann.until("the rest", () => ann.heard.length > 0);
    expect(ann.heard).toMatchObject([{ type: "delta", events: [{ seq: 3 }, { seq: 4 }] }]);
  });

  test("a snapshot is sent where that is less than what was missed", async () => {
    const id = await openDocument("much", "root\n  a");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    ann.close(1000);
    await ann.ended();
    const mutations = Array.from({ length: 250 }, (_, x) => ({ mutation: x + 1, ops: [update("a", { x })] }));
    bob.send({ type: "mutate", mutations });
    await bob.answer(250);
    await forget(id);
    const again = await rejoin(id, ann);
    expect(again.welcome).toMatchObject({ resume: "snapshot", seq: 250 });
    expect(again.replica.outline()).toBe("root\n  a x=249");
  });

  test.each<readonly [what: string, fields: { incarnation?: string; seq?: number }]>([
    ["another incarnation (S15)", { incarnation: "another", seq: 1 }],
    ["no incarnation", { seq: 1 }],
    ["no seq", {}],
    ["a seq that is still to come", { seq: 1000 }],
  ])("with %s a snapshot is sent", async (_what, fields) => {
    const id = await openDocument("unknown", "root\n  a");
    const bob = await join(id, "bob");
    await bob.write(update("a", { x: 1 }));
    await forget(id);
    const { incarnation } = bob.welcome;
    const own = "incarnation" in fields || fields.seq === 1 ? {} : { incarnation };
    const ann = await join(id, "ann", { ...own, ...fields });
    expect(ann.welcome).toMatchObject({ resume: "snapshot", seq: 1, incarnation });
    expect(ann.replica.outline()).toBe("root\n  a x=1");
  });

  test("S4 what was sent and not answered before the connection was lost is applied once", async () => {
    const id = await openDocument("unanswered", "root");
    const ann = await join(id, "ann");
    await ann.write(insert("known", "root"));
    // The frame arrives, the answer does not: nobody reads it.
    const mutations = [2, 3, 4].map((mutation) => ({
      mutation,
      ops: [insert(mutation === 3 ? "known" : `n${mutation}`, "root")],
    }));
    ann.send({ type: "mutate", mutations });
    const again = await rejoin(id, ann);
    await forget(id);
    const late = await rejoin(id, again);
    expect(late.welcome.mutation).toBe(4);
    late.send({ type: "mutate", mutations });
    expect(await late.answer(2)).toMatchObject({ seq: 2 });
    expect(await late.answer(3)).toMatchObject({ type: "reject", code: "exists", op: 0 });
    expect(await late.answer(4)).toMatchObject({ seq: 3 });
    expect(await call("GET", topic(id))).toMatchObject({ seq: 3, treeSize: 4 });
    expect(late.replica.outline()).toBe("root\n  known\n  n2\n  n4");
  });
});

test("S4 a counter far beyond the kept rejections is answered with expired, not applied", async () => {
  const id = await openDocument("expired", "root\n  a");
  const ann = await join(id, "ann");
  const mutations = Array.from({ length: 256 }, (_, index) => ({ mutation: index + 1, ops: [remove("ghost")] }));
  ann.send({ type: "mutate", mutations });
  await ann.answer(256);
  ann.send({ type: "mutate", mutations: [{ mutation: 257, ops: [remove("ghost")] }] });
  await ann.answer(257);
  ann.forget("reject");
  await evictDurableObject(stubOf(id));
  ann.send({
    type: "mutate",
    mutations: [
      { mutation: 1, ops: [remove("a")] },
      { mutation: 257, ops: [remove("a")] },
    ],
  });
  expect(await ann.answer(1)).toMatchObject({ type: "reject", code: "expired" });
  expect(await ann.answer(257)).toMatchObject({ type: "reject", code: "notFound" });
  expect(await treeOf(id)).toBe("root\n  a");
});

test("W7 a welcome says everything that a client has to know", async () => {
  const id = await openDocument("welcome", "root\n  a");
  const ann = await join(id, "ann", { presence: 1 });
  const { incarnation } = await call<{ incarnation: string }>("GET", topic(id));
  expect(ann.welcome).toEqual({
    type: "welcome",
    protocol: 2,
    document: id,
    subscriber: expect.stringMatching(/./),
    client: "ann",
    user: null,
    role: "admin",
    incarnation,
    seq: 0,
    mutation: 0,
    root: "root",
    presence: { [ann.welcome.subscriber]: { user: null, data: 1 } },
    resume: "snapshot",
  });
});
