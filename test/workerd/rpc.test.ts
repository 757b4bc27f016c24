import { expect, test } from "vitest";
import type { Principal } from "../../src/protocol/index.ts";
import { insert, item, move, update } from "../tree/document.ts";
import { stubOf, treeOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

// What another Worker does through its binding: failures that belong to the contract are values, not exceptions.

/** Calls by name: the types of a stub's `mutate`, `getState` and `history` do not compile (TS2589). */
async function rpc(id: string, name: string, ...args: readonly unknown[]): Promise<object> {
  const stub: object = stubOf(id);
  const method: unknown = Reflect.get(stub, name);
  if (typeof method !== "function") throw new Error(`a document has no ${name}`);
  const result: unknown = await Reflect.apply(method, stub, args);
  if (typeof result !== "object" || result === null) throw new Error(`${name} gave no result`);
  return result;
}

test("H1 getOrStart creates, then finds", async () => {
  const document = stubOf("start");
  const created = await document.getOrStart({ tree: item("root", item("a")), options: { conflicts: "reject" } });
  expect(created).toMatchObject({ ok: true, value: { documentId: "start", created: true, treeSize: 2, seq: 0 } });
  const found = await document.getOrStart();
  expect(found).toMatchObject({ ok: true, value: { created: false, options: { conflicts: "reject" } } });
});

test("H2, H3 mutate, getState, history and info do what HTTP does", async () => {
  const document = stubOf("calls");
  await document.getOrStart({ tree: item("root", item("a"), item("b")) });
  const ann = await join("calls", "ann");
  expect(await rpc("calls", "mutate", { ops: [move("b", "a")], meta: { by: "rpc" } })).toMatchObject({
    ok: true,
    value: { seq: 1, ops: [{ op: "move", id: "b", parent: "a", after: null }] },
  });
  const event = { seq: 1, client: null, mutation: null, userId: null, meta: { by: "rpc" } };
  expect(await ann.take("delta")).toMatchObject({ events: [event] });
  const { incarnation } = ann.welcome;
  expect(await rpc("calls", "getState")).toEqual({
    ok: true,
    value: { documentId: "calls", incarnation, seq: 1, tree: item("root", item("a", item("b"))) },
  });
  expect(await rpc("calls", "getState", { node: "a", depth: 0, at: 0 })).toMatchObject({
    ok: true,
    value: { seq: 0, tree: item("a") },
  });
  expect(await rpc("calls", "history", { where: { meta: { by: "rpc" } } })).toMatchObject({
    ok: true,
    value: { entries: [{ seq: 1 }], more: false },
  });
  expect(await document.info()).toMatchObject({ ok: true, value: { seq: 1, treeSize: 3, subscriberCount: 1 } });
});

test("H3 an event by RPC carries the user whom the other Worker names", async () => {
  const document = stubOf("principal");
  await document.getOrStart();
  const eve: Principal = { user: { id: "eve", name: "Eve" }, role: "write" };
  await rpc("principal", "mutate", { ops: [update("root", { x: 1 })], client: "c", mutation: 1 }, eve);
  expect(await rpc("principal", "history", { where: { userId: "eve" } })).toMatchObject({
    value: { entries: [{ seq: 1 }] },
  });
  // S11: the client id is hers now.
  expect(await rpc("principal", "mutate", { ops: [], client: "c", mutation: 2 })).toMatchObject({
    ok: false,
    problem: { code: "forbidden" },
  });
  // S13
  expect(await rpc("principal", "mutate", { ops: [] }, { ...eve, role: "read" })).toMatchObject({
    ok: false,
    problem: { code: "forbidden" },
  });
});

test("H3, S4 mutate with client and mutation is exactly-once", async () => {
  const document = stubOf("once");
  await document.getOrStart({ tree: item("root") });
  const accepted = { ops: [insert("n", "root")], client: "c", mutation: 1 };
  const rejected = { ops: [insert("n", "root")], client: "c", mutation: 2 };
  const [yes, no] = [await rpc("once", "mutate", accepted), await rpc("once", "mutate", rejected)];
  expect(yes).toMatchObject({ ok: true, value: { seq: 1 } });
  expect(no).toMatchObject({ ok: false, problem: { code: "exists", op: 0 } });
  expect(await rpc("once", "mutate", accepted)).toEqual(yes);
  expect(await rpc("once", "mutate", rejected)).toMatchObject(no);
  expect(await document.info()).toMatchObject({ value: { seq: 1 } });
});

test("H5, H6 stop and destroy", async () => {
  const document = stubOf("life");
  await document.getOrStart({ tree: item("root") });
  const ann = await join("life", "ann");
  await ann.write(insert("n", "root"));
  expect(await document.stop()).toMatchObject({ ok: true, value: { seq: 1, checkpointSeq: 1, subscriberCount: 0 } });
  expect(await ann.ended()).toMatchObject({ code: 4000 });
  expect(await treeOf("life")).toBe("root\n  n");
  const bob = await join("life", "bob");
  expect(await document.destroy()).toEqual({ ok: true, value: null });
  expect(await bob.ended()).toMatchObject({ code: 4004 });
  expect(await document.info()).toMatchObject({ ok: false, problem: { code: "notFound" } });
});

test("H4 what is wrong with an argument is a problem too", async () => {
  const document = stubOf("wrong");
  const absent = { ok: false, problem: { code: "notFound", message: expect.stringMatching(/./) } };
  expect(await document.info()).toEqual(absent);
  expect(await rpc("wrong", "getState")).toEqual(absent);
  expect(await rpc("wrong", "history")).toEqual(absent);
  expect(await rpc("wrong", "mutate", { ops: [] })).toEqual(absent);
  expect(await document.stop()).toEqual(absent);
  expect(await document.destroy()).toEqual(absent);
  const invalid = { ok: false, problem: { code: "invalid" } };
  expect(await document.getOrStart({ tree: { type: 7 } })).toMatchObject(invalid);
  expect(await document.getOrStart("tree")).toMatchObject(invalid);
  expect(await document.getOrStart(null)).toMatchObject(invalid);
  await document.getOrStart({ tree: item("root") });
  expect(await rpc("wrong", "getState", { depth: -1 })).toMatchObject(invalid);
  expect(await rpc("wrong", "getState", { node: "a/b" })).toMatchObject(invalid);
  expect(await rpc("wrong", "getState", { at: 1 })).toMatchObject(invalid);
  expect(await rpc("wrong", "history", { limit: 0 })).toMatchObject(invalid);
  expect(await rpc("wrong", "mutate", { ops: [], mutation: 1 })).toMatchObject(invalid);
  expect(await rpc("wrong", "mutate", { ops: [{ op: "remove", id: "a b" }] })).toMatchObject({
    ok: false,
    problem: { code: "invalid", op: 0 },
  });
  // Structured clone carries what JSON cannot; none of it may get into the log.
  for (const value of [new Date(), new Map(), undefined, 1n, Number.NaN, Number.POSITIVE_INFINITY, new Uint8Array(1)]) {
    const attrs: object = { x: value };
    const ops: object[] = [{ op: "update", id: "root", attrs }];
    const call: object = { ops };
    expect(await rpc("wrong", "mutate", call), String(value)).toMatchObject({
      ok: false,
      problem: { code: "invalid", op: 0 },
    });
  }
  expect(await document.info()).toMatchObject({ value: { seq: 0 } });
});
