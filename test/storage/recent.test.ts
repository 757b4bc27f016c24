import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../../src/storage/memory-log.ts";
import { createRecent, type Glimpse } from "../../src/storage/recent.ts";

const by = (client: string, ...placed: string[]): Glimpse => ({ client, userId: null, placed, updated: [] });

/** A log of one event a commit, each by another client, with a text of so many characters. */
function logOf(events: number, characters = 0) {
  const log = createMemoryLog(Number.POSITIVE_INFINITY);
  for (let seq = 1; seq <= events; seq++) {
    const ops = [{ op: "move", id: `n${seq}`, parent: "root", after: null }];
    const event = {
      seq,
      time: seq,
      client: `c${seq}`,
      mutation: 1,
      userId: null,
      ops,
      meta: { x: "x".repeat(characters) },
    };
    log.append({ first: seq, last: seq, time: seq, events: JSON.stringify(event), inverses: "[]" });
  }
  return log;
}

describe("C14 the last events at a glance", () => {
  it("knows what it was told, and reads back what was before, once", () => {
    const log = logOf(10);
    let reads = 0;
    const recent = createRecent(() => {
      reads++;
      return log;
    }, 10);
    recent.note(by("ann", "a"));
    recent.note(by("bob"));
    expect([recent.glimpse(11), recent.glimpse(12), recent.glimpse(10), recent.glimpse(13)]).toEqual([
      by("ann", "a"),
      by("bob"),
      undefined,
      undefined,
    ]);
    expect([recent.knows(10), recent.knows(12), reads]).toEqual([true, true, 0]);
    expect([recent.knows(4), recent.glimpse(5), recent.knows(7)]).toEqual([true, by("c5", "n5"), true]);
    expect(reads).toBe(1);
    expect([recent.knows(0), recent.glimpse(1)]).toEqual([true, by("c1", "n1")]);
  });

  it("does not know what the log has lost, and says who made an event as long as that has it", () => {
    const log = logOf(10);
    log.drop(3);
    const recent = createRecent(() => log, 10);
    expect([recent.knows(3), recent.knows(2)]).toEqual([true, false]);
    expect([recent.authorOf(4), recent.authorOf(3), recent.authorOf(11)]).toMatchObject([
      { client: "c4" },
      undefined,
      undefined,
    ]);
    expect([4, 3, 11].map((seq) => recent.authorOf(seq)?.client)).toEqual(["c4", undefined, undefined]);
  });

  it("reads back so much and no more, however often it is asked", () => {
    const log = logOf(40, 200_000);
    const recent = createRecent(() => log, 40);
    expect([recent.knows(39), recent.knows(0)]).toEqual([true, false]);
    const from = [...Array(40).keys()].find((seq) => recent.glimpse(seq));
    expect(from).toBeGreaterThan(20);
    for (let each = 0; each < 10; each++) expect(recent.knows(0)).toBe(false);
    expect([...Array(40).keys()].find((seq) => recent.glimpse(seq))).toBe(from);
    expect(recent.knows((from ?? 0) - 1)).toBe(true);
  });

  it("lets go of the oldest when there are too many, or too many nodes in them", () => {
    const recent = createRecent(() => createMemoryLog(), 0);
    for (let seq = 1; seq <= 20_000; seq++) recent.note(by("ann"));
    expect([recent.glimpse(20_000), recent.glimpse(1), recent.knows(19_000), recent.knows(0)]).toEqual([
      by("ann"),
      undefined,
      true,
      false,
    ]);
    const many = Array.from({ length: 10_000 }, (_, index) => `n${index}`);
    for (let each = 0; each < 10; each++) recent.note(by("bob", ...many));
    expect([recent.knows(20_004), recent.knows(20_003)]).toEqual([true, false]);
  });

  it("looks up single events as far as the budget goes", () => {
    const log = logOf(10, 1_000);
    const recent = createRecent(() => log, 10);
    const budget = { work: 2_000 };
    const found = [1, 2, 3, 4, 1].map((seq) => recent.lookUp(seq, budget)?.client);
    expect(found).toEqual(["c1", "c2", undefined, undefined, "c1"]);
  });
});
