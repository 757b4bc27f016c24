import { describe, expect, it } from "vitest";
import {
  applyChanges,
  type Changes,
  clipped,
  composeApart,
  createBridge,
  editMarks,
  type Json,
  joinMarks,
  type MarkList,
  type MarkStep,
  MOST_MARKS,
  marksBack,
  marksOf,
  rebase,
  type Step,
  setMark,
} from "../../src/text/index.ts";
import { seed as firstSeed, times } from "../support/seed.ts";
import { applyMarked, characters, type Marked, randomMark, randomMarkedSteps } from "./marked.ts";
import { shown } from "./model.ts";
import { type Dice, diceOf, freshCharacters, randomChanges } from "./random-steps.ts";

const RUNS = times(3_000);

function diceOfSeed(seed: number): Dice {
  let state = seed >>> 0;
  return diceOf(() => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}

/** Each run has a seed of its own, which a failure says. */
function everyRun(run: (dice: Dice, seed: number) => void): void {
  for (let seed = firstSeed; seed < firstSeed + RUNS; seed++) run(diceOfSeed(seed), seed);
}

function randomStart(dice: Dice, fresh: () => string): Marked {
  const texts = new Map([
    ["a", fresh() + fresh() + fresh()],
    ["b", fresh() + fresh()],
  ]);
  const start = { texts, marks: new Map<string, MarkList>() };
  return applyMarked(start, randomMarkedSteps(dice, start, "s", dice.below(5), fresh));
}

const bold = (from: number, to: number): MarkList[number] => [from, to, "bold", true];
const mark = (from: number, to: number, value: Json = true, key = "bold"): MarkStep => ({
  ...{ op: "mark", id: "a", attr: "text", from, to, key, value },
});
const edit = (...changes: Changes): Step => ({ op: "edit", id: "a", attr: "text", changes });

describe("the form of marks", () => {
  it.each<[string, Json]>([
    ["no list", "bold"],
    ["no mark", [[0, 1, "bold"]]],
    ["no place", [[0.5, 1, "bold", true]]],
    ["an empty one", [[1, 1, "bold", true]]],
    ["null for a value", [[0, 1, "bold", null]]],
    ["not in order", [bold(2, 3), bold(0, 1)]],
    ["keys not in order", [[0, 1, "link", 1], bold(0, 1)]],
    ["two of one key that overlap", [bold(0, 2), bold(1, 3)]],
    ["two that are one", [bold(0, 1), bold(1, 2)]],
    ["one more than there may be", Array.from({ length: MOST_MARKS + 1 }, (_, at) => bold(2 * at, 2 * at + 1))],
  ])("X100 %s", (_, value) => {
    expect(marksOf(value, 10_000)).toBe(null);
  });

  it("X100 as many as there may be; what is past the end of the text is none", () => {
    const marks = Array.from({ length: MOST_MARKS }, (_, at) => bold(2 * at, 2 * at + 1));
    expect(marksOf(marks, 10_000)).toBe(marks);
    expect(marksOf([bold(0, 3), bold(5, 7)], 6)).toEqual([bold(0, 3), bold(5, 6)]);
    expect(marksOf([bold(0, 3), bold(5, 7)], 2)).toEqual([bold(0, 2)]);
    expect(marksOf(undefined, 5)).toEqual([]);
  });

  it("X101 the last one counts, of each unit and key", () => {
    expect(setMark([bold(0, 4)], mark(2, 6))).toEqual([bold(0, 6)]);
    expect(setMark([bold(0, 6)], mark(2, 4, null))).toEqual([bold(0, 2), bold(4, 6)]);
    expect(setMark([[0, 6, "link", "a"]], mark(2, 4, "b", "link"))).toEqual([
      [0, 2, "link", "a"],
      [2, 4, "link", "b"],
      [4, 6, "link", "a"],
    ]);
    expect(setMark([bold(0, 2), bold(4, 6)], mark(2, 4))).toEqual([bold(0, 6)]);
    expect(setMark([bold(0, 6)], mark(2, 4, 1, "link"))).toEqual([bold(0, 6), [2, 4, "link", 1]]);
  });

  it.each<[string, Changes, MarkList]>([
    ["inside", [3, "X"], [bold(2, 5)]],
    ["at its beginning", [2, "X"], [bold(3, 5)]],
    ["at its end", [4, "X"], [bold(2, 4)]],
    ["before", ["X"], [bold(3, 5)]],
    ["for its last unit", [3, "X", -1], [bold(2, 4)]],
    ["behind its last unit, which goes", [3, -1, "X"], [bold(2, 3)]],
    ["instead of all of it", [2, "XX", -2], []],
    ["instead of what is around it, too", [1, -4, "X"], []],
  ])("X102 what is put %s", (_, changes, expected) => {
    expect(editMarks([bold(2, 4)], changes)).toEqual(expected);
  });

  it("X102 what stood apart and stands together is one", () => {
    expect(editMarks([bold(0, 2), bold(4, 6)], [2, -2])).toEqual([bold(0, 4)]);
    const marks = [bold(0, 2)];
    expect(editMarks(marks, [3, "X"])).toBe(marks);
  });

  it("X94 go with edits that were put together as with each", () => {
    everyRun((dice, seed) => {
      const fresh = freshCharacters(dice, 0);
      const { texts, marks } = randomStart(dice, fresh);
      let text = texts.get("a") ?? "";
      const edits = Array.from({ length: 2 + dice.below(4) }, () => {
        const changes = randomChanges(dice, text, fresh);
        text = applyChanges(text, changes);
        return changes;
      });
      const over = (all: readonly Changes[]) => all.reduce(editMarks, marks.get("a") ?? []);
      expect(over(composeApart(edits)), `seed ${seed}`).toEqual(over(edits));
    });
  });

  it("X104 is what it was when what was split is joined", () => {
    everyRun((dice, seed) => {
      const fresh = freshCharacters(dice, 0);
      const { texts, marks } = randomStart(dice, fresh);
      const [text, own] = [texts.get("a") ?? "", marks.get("a") ?? []];
      const at = dice.below(text.length + 1);
      const joined = joinMarks(clipped(own, 0, at), at, clipped(own, at, text.length));
      expect(joined, `seed ${seed}`).toEqual(own);
    });
  });

  it("X108 a mark is taken back by what there was", () => {
    everyRun((dice, seed) => {
      const fresh = freshCharacters(dice, 0);
      const start = randomStart(dice, fresh);
      const step = randomMark(dice, start);
      if (step?.op !== "mark") return;
      const own = start.marks.get(step.id) ?? [];
      let marks = setMark(own, step);
      for (const each of marksBack(own, step.from, step.to, step.key)) marks = setMark(marks, each);
      expect(marks, `seed ${seed}`).toEqual(own);
    });
  });
});

describe("marks among others' steps", () => {
  it("X103 X104 X109 both ways lead to the same texts, and all that was there has the same marks", () => {
    let met = 0;
    everyRun((dice, seed) => {
      const fresh = freshCharacters(dice, 0);
      const start = randomStart(dice, fresh);
      const known = characters(start);
      const mine = randomMarkedSteps(dice, start, "m", 1 + dice.below(3), fresh);
      const theirs = randomMarkedSteps(dice, start, "t", 1 + dice.below(3), fresh);
      const rebased = rebase(mine, theirs);
      const one = applyMarked(applyMarked(start, theirs), rebased.steps);
      const two = applyMarked(applyMarked(start, mine), rebased.over);
      const said = JSON.stringify({ seed, texts: [...start.texts], marks: [...start.marks], mine, theirs });
      expect(shown(one.texts), said).toEqual(shown(two.texts));
      for (const [id, marks] of [...one.marks, ...two.marks].filter(([, each]) => each.length > 0)) {
        const lengths = [one, two].map(({ texts }) => (texts.get(id) ?? "").length);
        expect(marksOf(marks, Math.max(...lengths)), said).toEqual(marks);
      }
      const others = characters(two);
      for (const [character, has] of characters(one)) {
        if (!known.has(character)) continue;
        expect(others.get(character), `${character} ${said}`).toBe(has);
        if (has !== known.get(character)) met++;
      }
    });
    expect(met).toBeGreaterThan(RUNS / 4);
  });

  it("X103 what is typed between two that have the same marks before and after gets these, from both orders", () => {
    let met = 0;
    everyRun((dice, seed) => {
      const fresh = freshCharacters(dice, 0);
      const start = randomStart(dice, fresh);
      const step = randomMark(dice, start);
      if (step?.op !== "mark") return;
      const text = start.texts.get(step.id) ?? "";
      const all = [...text];
      const at = dice.below(all.length - 1);
      const [left = "", right = ""] = all.slice(at);
      const typed: Step = {
        op: "edit",
        id: step.id,
        attr: "text",
        changes: [all.slice(0, at + 1).join("").length, "X"],
      };
      const known = characters(start);
      for (const [later, earlier] of [
        [step, typed],
        [typed, step],
      ] as const) {
        const rebased = rebase([later], [earlier]);
        const ends = [
          applyMarked(applyMarked(start, [earlier]), rebased.steps),
          applyMarked(applyMarked(start, [later]), rebased.over),
        ].map(characters);
        for (const end of ends) {
          if (known.get(left) !== known.get(right) || end.get(left) !== end.get(right)) continue;
          expect(end.get("X"), `seed ${seed}`).toBe(end.get(left));
          met++;
        }
      }
    });
    expect(met).toBeGreaterThan(RUNS / 8);
  });

  it("X103 a bridge takes a mark past what others have done, and is the same after it", () => {
    everyRun((dice, seed) => {
      const fresh = freshCharacters(dice, 0);
      const start = randomStart(dice, fresh);
      const theirs = randomMarkedSteps(dice, start, "t", 1 + dice.below(30), fresh);
      const step = randomMark(dice, start);
      if (!step) return;
      const bridge = createBridge();
      for (const [seq, each] of theirs.entries()) bridge.add(seq + 1, [each]);
      const before = JSON.stringify(bridge.steps);
      const known = new Set(characters(start).keys());
      const ends = [bridge.take(step), rebase([step], theirs).steps].map((steps) =>
        [...characters(applyMarked(applyMarked(start, theirs), steps))].filter(([each]) => known.has(each)),
      );
      expect(ends[0], `seed ${seed}`).toEqual(ends[1]);
      expect(JSON.stringify(bridge.steps), `seed ${seed}`).toBe(before);
    });
  });

  it.each<[string, Step, Step, string]>([
    ["bold over bold that overlaps is bold throughout", mark(0, 5), mark(3, 8), "[helloabc]def"],
    ["typed inside of what is marked meanwhile", mark(0, 5), edit(3, "X"), "[helXlo]abcdef"],
    ["typed at its beginning", mark(2, 5), edit(2, "X"), "heX[llo]abcdef"],
    ["typed at its end", mark(2, 5), edit(5, "X"), "he[llo]Xabcdef"],
    ["some of it is deleted meanwhile", mark(2, 5), edit(3, -4), "he[l]cdef"],
    ["all of it is deleted meanwhile", mark(2, 5), edit(2, -3), "heabcdef"],
  ])("X101 X103 %s", (_, one, other, expected) => {
    const start: Marked = { texts: new Map([["a", "helloabcdef"]]), marks: new Map() };
    for (const [later, earlier] of [
      [one, other],
      [other, one],
    ] as const) {
      const { texts, marks } = applyMarked(applyMarked(start, [earlier]), rebase([later], [earlier]).steps);
      const [range] = marks.get("a") ?? [];
      const text = texts.get("a") ?? "";
      expect(range ? applyChanges(text, [range[0], "[", range[1] - range[0], "]"]) : text).toBe(expected);
    }
  });
});
