import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createUnseenTexts, type UnseenTexts } from "../../src/session/unseen-texts.ts";
import { createBridge, type Step } from "../../src/text/index.ts";

const edit = (id: string, ...changes: (number | string)[]): Step => ({ op: "edit", id, attr: "text", changes });
const split = (id: string, at: number, length: number, node: string): Step => {
  return { op: "split", id, attr: "text", at, length, node };
};

/** Somebody has typed at the beginning of a text, an event a key. */
function typed(keys: number, seqs: readonly number[] = []): UnseenTexts {
  const unseen = createUnseenTexts(seqs);
  for (let seq = 1; seq <= keys; seq++) unseen.add(seq, [edit("a", ...(seq > 1 ? [seq - 1] : []), "x")]);
  return unseen;
}

describe("what a client has not seen", () => {
  it("X37 up to 4 096 steps are kept one by one; with one more the edits of a text are put together, and come to the same", () => {
    const [all, short] = [typed(LIMITS.unseenSteps), typed(LIMITS.unseenSteps + 1)];
    expect(all.size).toBe(LIMITS.unseenSteps);
    expect(short.size).toBe(1);
    expect(all.take(edit("a", 2, "ann"))).toEqual([edit("a", LIMITS.unseenSteps + 2, "ann")]);
    expect(short.take(edit("a", 2, "ann"))).toEqual([edit("a", LIMITS.unseenSteps + 3, "ann")]);
  });

  it("X37 what its author has seen since of what was put together is known at what it had in flight, and nowhere else", () => {
    const all = typed(LIMITS.unseenSteps);
    expect(all.advance(1_000)).toBe(true);
    expect(all.take(edit("a", "y"))).toEqual([edit("a", "y")]);
    expect(all.take(edit("a", 1_001, "y"))).toEqual([edit("a", LIMITS.unseenSteps + 1, "y")]);
    const short = typed(LIMITS.unseenSteps + 1, [0, 1_000, 9_000]);
    expect(short.size).toBe(2);
    expect(short.copy().advance(999)).toBe(false);
    expect(short.copy().advance(1_001)).toBe(false);
    expect(short.advance(1_000)).toBe(true);
    expect(short.take(edit("a", 1_000, "y"))).toEqual([edit("a", LIMITS.unseenSteps + 1, "y")]);
    expect(short.advance(LIMITS.unseenSteps + 1)).toBe(true);
    expect(short.size).toBe(0);
  });

  it("X37 what its author does counts, too, and is met all the same", () => {
    const unseen = typed(2);
    for (let count = 0; count < 3 * LIMITS.unseenSteps; count++) unseen.take(edit("a", count, "y"));
    expect(unseen.size).toBeLessThanOrEqual(LIMITS.unseenSteps);
    expect(unseen.take(edit("a", 3 * LIMITS.unseenSteps, "z"))).toEqual([edit("a", 3 * LIMITS.unseenSteps + 2, "z")]);
  });

  it("X37 years of typing are as much as there is left of it", () => {
    const unseen = createUnseenTexts([]);
    for (let seq = 1; seq <= 200_000; seq++) unseen.add(seq, [edit(`r${seq % 50}`, "x"), edit(`r${seq % 50}`, -1)]);
    expect(unseen.isTooMuch).toBe(false);
    expect(unseen.held).toBeLessThan(4 * 1024 * 1024);
    expect(unseen.take(edit("r7", 3, "y"))).toEqual([edit("r7", 3, "y")]);
  });

  it("X37 it takes 16 MiB at most: moves can't be put together, and nor can texts that were put in", () => {
    const moved = (moves: number) => {
      const unseen = createUnseenTexts([]);
      for (let seq = 1; seq <= moves; seq++) unseen.add(seq, [split(`r${seq}`, 1, 2, `n${seq}`)]);
      return unseen;
    };
    expect(moved(30_000).isTooMuch).toBe(false);
    expect(moved(40_000).isTooMuch).toBe(true);
    const much = "x".repeat(64 * 1024);
    const written = (texts: number) => {
      const unseen = createUnseenTexts([]);
      for (let seq = 1; seq <= texts; seq++) unseen.add(seq, [edit(`r${seq}`, much)]);
      return unseen;
    };
    expect(written(120).isTooMuch).toBe(false);
    expect(written(140).isTooMuch).toBe(true);
  });

  it("X37 moves and edits between them come to what each would have come to", () => {
    const [short, bridge] = [createUnseenTexts([]), createBridge()];
    let length = 1_000;
    for (let seq = 1; seq <= LIMITS.unseenSteps + 1_000; seq++) {
      const step = seq % 500 === 0 ? split("a", 600, length, `n${seq}`) : edit("a", (seq * 37) % 500, "x");
      length = step.op === "split" ? 600 : length + 1;
      for (const each of [short, bridge]) each.add(seq, [step]);
    }
    for (let at = 1; at < 900; at += 100) {
      const step = edit("a", at, "y", -3);
      expect(short.take(step)).toEqual(bridge.take(step));
    }
  });
});
