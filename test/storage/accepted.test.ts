import { describe, expect, it } from "vitest";
import { type Accepted, addAccepted, NONE_ACCEPTED, seqOf } from "../../src/storage/accepted.ts";

/** Accepts counters with their seqs, in this order. */
function accept(...pairs: readonly (readonly [counter: number, seq: number])[]): Accepted {
  return pairs.reduce((accepted, [counter, seq]) => addAccepted(accepted, counter, seq), NONE_ACCEPTED);
}

/** Each second counter and each third seq: nothing follows on anything. */
const apart = (count: number) => Array.from({ length: count }, (_, index) => [1 + 2 * index, 1 + 3 * index] as const);

describe("S4 which mutations of a client were accepted, and where they are", () => {
  it("those whose counters and seqs follow each other are one run", () => {
    const accepted = accept([1, 5], [2, 6], [3, 7], [4, 9], [6, 10], [7, 11]);
    expect(accepted.runs).toEqual([
      [1, 5, 3],
      [4, 9, 1],
      [6, 10, 2],
    ]);
    const seqs = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((counter) => seqOf(accepted, counter));
    expect(seqs).toEqual([null, 5, 6, 7, 9, null, 10, 11, null]);
  });

  it("what is known already changes nothing, as after a reload that replays the log", () => {
    const accepted = accept([1, 5], [2, 6], [4, 9]);
    for (const [counter, seq] of [
      [1, 5],
      [2, 6],
      [4, 9],
    ] as const) {
      expect(addAccepted(accepted, counter, seq)).toEqual(accepted);
    }
  });

  it("of 64 runs nothing is forgotten; with one more it is no longer known what was before them", () => {
    const all = accept(...apart(64));
    expect([all.runs.length, all.more, seqOf(all, 1), seqOf(all, 0), seqOf(all, 2)]).toEqual([
      64,
      false,
      1,
      null,
      null,
    ]);
    const more = accept(...apart(65));
    expect([more.runs.length, more.more]).toEqual([64, true]);
    expect([1, 2, 3, 4, 129, 130].map((counter) => seqOf(more, counter))).toEqual([
      undefined,
      undefined,
      4,
      null,
      193,
      null,
    ]);
  });

  it("of a client whose record tells nothing all is unknown, or nothing was accepted", () => {
    expect(seqOf(NONE_ACCEPTED, 1)).toBe(null);
    expect(seqOf({ runs: [], more: true }, 1)).toBe(undefined);
  });
});
