import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { type HistoryEntry, topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, stubOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

/** The commits of a document as the log has them: the first and last seq of each row. */
function commits(id: string): Promise<{ first: number; last: number }[]> {
  return runInDurableObject(stubOf(id), (_, state) =>
    state.storage.sql
      .exec<{ first: number; last: number }>("SELECT first, last FROM events WHERE part = 0 ORDER BY first")
      .toArray(),
  );
}

test("S5 what arrives together shares log rows and frames; every seq is there once (S1)", async () => {
  const id = await openDocument("together", "root");
  const writers = await Promise.all(Array.from({ length: 8 }, (_, index) => join(id, `w${index}`)));
  const [witness, frames] = [await join(id, "witness"), 50];
  for (let index = 0; index < frames; index++)
    for (const writer of writers) writer.mutate(update("root", { [writer.client]: index }));
  await Promise.all(writers.map((writer) => writer.answer(frames)));
  const total = frames * writers.length;
  await witness.until("everything", () => witness.replica.seq === total);

  const rows = await commits(id);
  expect(rows.length).toBeLessThan(total / 4);
  expect(witness.heard.filter(({ type }) => type === "delta").length).toBe(rows.length);
  let seq = 0;
  for (const { first, last } of rows) {
    expect(first).toBe(seq + 1);
    seq = last;
  }
  expect(seq).toBe(total);
  // Each writer's mutations stand in its own order.
  const { entries } = await call<{ entries: HistoryEntry[] }>("GET", `${topic(id)}/history?limit=1000`);
  for (const { client } of writers) {
    const counters = entries.filter((entry) => entry.client === client).map(({ mutation }) => mutation);
    expect(counters).toEqual(Array.from({ length: frames }, (_, index) => index + 1));
  }
});

test("S5 the mutations of one frame share one row and one frame", async () => {
  const id = await openDocument("frame", "root");
  const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
  const mutations = Array.from({ length: 100 }, (_, index) => ({
    mutation: index + 1,
    ops: [insert(`n${index}`, "root")],
  }));
  ann.send({ type: "mutate", mutations });
  await ann.answer(100);
  expect(await commits(id)).toEqual([{ first: 1, last: 100 }]);
  expect((await bob.take("delta")).events.length).toBe(100);
});

test("S5 the first of an idle document is committed at once and alone, a lone writer's all are", async () => {
  const id = await openDocument("lone", "root");
  const ann = await join(id, "ann");
  for (let index = 0; index < 5; index++) await ann.write(update("root", { x: index }));
  expect((await commits(id)).length).toBe(5);
});

test("S5 rejections share the frame's fate without taking a seq", async () => {
  const id = await openDocument("mixed", "root");
  const ann = await join(id, "ann");
  const mutations = Array.from({ length: 20 }, (_, index) => ({
    mutation: index + 1,
    ops: [index % 2 === 0 ? insert(`n${index}`, "root") : insert("n0", "root")],
  }));
  ann.send({ type: "mutate", mutations });
  const answers = await Promise.all(mutations.map(({ mutation }) => ann.answer(mutation)));
  for (const [index, answer] of answers.entries()) {
    expect(answer).toMatchObject(index % 2 === 0 ? { seq: index / 2 + 1 } : { code: "exists", op: 0 });
  }
  expect(await commits(id)).toEqual([{ first: 1, last: 10 }]);
});

test("S6 nothing waits for long: a mutation that falls into a window of a stopped document is answered too", async () => {
  const id = await openDocument("window", "root");
  const ann = await join(id, "ann");
  // The window grows to its longest; then the document stops while it is open.
  for (let round = 0; round < 6; round++) {
    for (let index = 0; index < 10; index++) ann.mutate(update("root", { round, index }));
    await ann.answer((round + 1) * 10);
  }
  ann.mutate(update("root", { x: 1 }));
  await call("POST", `${topic(id)}/stop`);
  const again = await join(id, "ann");
  const last = [1, 2, 3].map((x) => again.mutate(update("root", { x }))).at(-1) ?? 0;
  expect(await again.answer(last)).toMatchObject({ ops: [update("root", { x: 3 })] });
});
