import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import { insert, move, remove, update } from "../tree/document.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { join, type Member, rejoin } from "./socket-client.ts";

const info = (id: string) => call<{ seq: number; checkpointSeq: number; treeSize: number }>("GET", topic(id));

/** Sends mutations in frames as large as they may be, and waits for the last. */
async function writeMany(writer: Member, from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += 256) {
    const last = Math.min(to, first + 255);
    const mutations = Array.from({ length: last - first + 1 }, (_, index) => {
      const mutation = first + index;
      return { mutation, ops: [insert(`n${mutation}`, "root", { after: null })] };
    });
    writer.send({ type: "mutate", mutations });
    await writer.answer(last);
    writer.forget("delta");
  }
}

test("D2, D3 a long log brings its checkpoint about, and everything is as before on both sides of it", async () => {
  const id = await openDocument("long", "root");
  const ann = await join(id, "ann");
  const first = await ann.write(update("root", { x: 1 }));
  const no = await ann.write(remove("ghost"));
  const early = await join(id, "early");
  early.close(1000);
  await early.ended();
  await writeMany(ann, 3, 20_300);
  // In turns, and 4 Mi characters may come first.
  await expect.poll(async () => (await info(id)).checkpointSeq, { timeout: 20_000 }).toBeGreaterThanOrEqual(15_000);
  await writeMany(ann, 20_301, 20_500);

  const { seq, checkpointSeq } = await info(id);
  expect(seq).toBe(20_499);
  expect(checkpointSeq).toBeLessThan(seq);
  const tree = await treeOf(id);
  await evictDurableObject(stubOf(id));
  expect(await treeOf(id)).toBe(tree);
  expect(await info(id)).toEqual({ ...(await info(id)), seq, checkpointSeq, treeSize: 20_499 });
  expect(ann.replica.outline()).toBe(tree);

  // S4, S7, D8 reach behind it.
  ann.sendRaw('{"type":"mutate","mutations":[{"mutation":1,"ops":[]},{"mutation":2,"ops":[]}]}');
  expect([await ann.answer(1), await ann.answer(2)]).toEqual([first, no]);
  const again = await rejoin(id, early);
  expect(again.welcome).toMatchObject({ resume: "delta", seq });
  expect(again.replica.outline()).toBe(tree);
  expect(await treeOf(id, "?at=3")).toBe("root x=1\n  n4\n  n3");
}, 60_000);

test("D3 a checkpoint keeps removed nodes, so that they can be restored after it", async () => {
  const id = await openDocument("removed", "root\n  p\n    c\n  z");
  const ann = await join(id, "ann");
  await ann.write([update("c", { x: 1 }), remove("p")]);
  await ann.write([update("c", { x: 2 })]);
  await call("POST", `${topic(id)}/stop`);
  await evictDurableObject(stubOf(id));
  const rows = await runInDurableObject(stubOf(id), (_, state) =>
    state.storage.sql
      .exec<{ id: string; removed: number | null }>("SELECT id, removed FROM nodes ORDER BY id")
      .toArray(),
  );
  expect(rows.map(({ id: node, removed }) => [node, removed])).toEqual([
    ["c", null],
    ["p", 1],
    ["root", null],
    ["z", null],
  ]);
  const again = await rejoin(id, ann);
  await again.write(move("p", "root", { after: null }));
  expect(await treeOf(id)).toBe("root\n  p\n    c x=2\n  z");
  expect(again.replica.outline()).toBe(await treeOf(id));
});

test("H3 a mutation of 3 MiB is one event: told to everyone, read back from the log and from the rows", async () => {
  const id = await openDocument("huge", "root\n  a");
  const ann = await join(id, "ann");
  const text = "é".repeat(400 * 1024);
  const nodes = Array.from({ length: 3 }, (_, index) => ({ id: `n${index}`, type: "item", attrs: { text } }));
  const ops = [...nodes.map((node) => ({ op: "insert", node, parent: "a" })), update("a", { text })];
  await call("POST", `${topic(id)}/mutations`, { ops });
  await ann.until("the event", () => ann.replica.seq === 1);
  expect(ann.replica.outline() === (await treeOf(id))).toBe(true);
  await evictDurableObject(stubOf(id));
  expect(ann.replica.outline() === (await treeOf(id))).toBe(true);
  await call("POST", `${topic(id)}/stop`);
  await evictDurableObject(stubOf(id));
  expect(ann.replica.outline() === (await treeOf(id))).toBe(true);
  expect(await treeOf(id, "?at=0")).toBe("root\n  a");
  const { entries } = await call<{ entries: { seq: number; inverse: object[] }[] }>(
    "GET",
    `${topic(id)}/history?inverse=true`,
  );
  expect(entries.map(({ seq, inverse }) => [seq, inverse.length])).toEqual([[1, 4]]);
}, 60_000);
