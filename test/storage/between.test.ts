import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createMemoryLog } from "../../src/storage/memory-log.ts";
import { createMeter, createSqliteTables, finish, namedBetween } from "../../src/storage.ts";
import type { Changes } from "../../src/text/index.ts";
import type { Effect } from "../../src/tree/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";

const textOf = (seq: number, ops: readonly Effect[]) =>
  JSON.stringify({ seq, time: seq, client: `c${seq % 2}`, mutation: seq, userId: null, ops });

/** What a log of events with these effects, one each, names. */
function named(...events: (readonly Effect[])[]) {
  const log = createMemoryLog();
  events.forEach((ops, index) => {
    const seq = index + 1;
    log.append({ first: seq, last: seq, time: seq, events: textOf(seq, ops), inverses: "[]" });
  });
  return finish(namedBetween({ log, reaches: () => true }, 0, events.length, createMeter()));
}

const removals = (count: number): Effect[] =>
  Array.from({ length: count }, (_, at) => ({ op: "remove", id: `r${at}` }));
const edit = (...changes: Changes): Effect[] => [{ op: "edit", id: "a", attr: "text", changes }];
const partsOf = (...events: (readonly Effect[])[]) => {
  const found = named(...events);
  return typeof found === "string" ? found : found.get("a")?.texts?.get("text");
};

describe("what events between two moments name", () => {
  it("V23 so many nodes, and not one more", () => {
    const most = LIMITS.nodesCompared;
    expect(named(removals(most))).toHaveProperty("size", most);
    expect(named(removals(most + 1))).toBe("tooLarge");
  });

  it("V22 whose each part of a text is, as long as it is in no more than a thousand, and nobody has replaced it", () => {
    const puts = (count: number) => Array.from({ length: count }, (_, at) => edit(2 * at, "x"));
    expect(partsOf(edit("a"), edit(1, "b"), edit(0, "c"))).toEqual([
      { is: "put", length: 2, by: expect.objectContaining({ seq: 3 }) },
      { is: "put", length: 1, by: expect.objectContaining({ seq: 2 }) },
    ]);
    expect(partsOf(...puts(500))).toHaveLength(1_000 - 1);
    expect(partsOf(...puts(502))).toBe(null);
    expect(partsOf(edit("a"), [{ op: "update", id: "a", attrs: { text: "b" } }])).toBe(null);
    expect(partsOf([{ op: "update", id: "a", attrs: { text: "b" } }], edit("a"))).toBe(null);
  });

  it("V124 a large event is read a part at a time, and names the same", () => {
    const updates = Array.from({ length: 6_000 }, (_, at): Effect => {
      return { op: "update", id: `r${at}`, attrs: { text: "x".repeat(200) } };
    });
    const split: Effect = {
      ...{ op: "edit", id: "a", attr: "text", changes: [1] },
      split: { at: 1, length: 1, node: "b" },
    };
    const row: Effect = { op: "insert", node: { id: "b", type: "item" }, parent: "root", after: "a" };
    for (const ops of [updates, [...updates, split, row]]) {
      const tables = createSqliteTables(openTestSql());
      tables.prepare();
      tables.log.append({
        first: 1,
        last: 2,
        time: 1,
        events: [1, 2].map((seq) => textOf(seq, ops)).join(","),
        inverses: "[],[]",
      });
      const work = namedBetween({ log: tables.log, reaches: () => true }, 0, 2, createMeter());
      let turns = 1;
      let step = work.next(0);
      for (; !step.done; step = work.next(0)) turns++;
      expect(step.value).toEqual(named(ops, ops));
      expect(turns).toBeGreaterThan(ops === updates ? 10 : 1);
    }
  });
});
