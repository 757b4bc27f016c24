import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createMemoryLog } from "../../src/storage/memory-log.ts";
import { createMeter, finish, namedBetween } from "../../src/storage.ts";
import type { Changes } from "../../src/text/index.ts";
import type { Effect } from "../../src/tree/index.ts";

/** What a log of events with these effects, one each, names. */
function named(...events: (readonly Effect[])[]) {
  const log = createMemoryLog();
  events.forEach((ops, index) => {
    const seq = index + 1;
    const event = { seq, time: seq, client: `c${seq % 2}`, mutation: seq, userId: null, ops };
    log.append({ first: seq, last: seq, time: seq, events: JSON.stringify(event), inverses: "[]" });
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
});
