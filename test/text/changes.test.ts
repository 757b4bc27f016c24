import { describe, expect, test } from "vitest";
import {
  applyChanges,
  type Changes,
  compose,
  composeAll,
  cutsPair,
  difference,
  growth,
  invert,
  lengthBefore,
  normalize,
  problemOf,
} from "../../src/text/index.ts";

const SMILE = "😀";
const CUT = "cuts a surrogate pair";

test("changes keep, put in and take away", () => {
  expect(applyChanges("helloworld", [])).toBe("helloworld");
  expect(applyChanges("helloworld", [5, " ", -1, "W"])).toBe("hello World");
  expect(applyChanges("helloworld", [5, 0, "!", -5])).toBe("hello!");
});

test.each<[Changes, Changes]>([
  [[], []],
  [[5], []],
  [[0, 5, 0], []],
  [
    [2, 3, "a", "b", -1, -2, 4],
    [5, "ab", -3],
  ],
  [
    [5, "", -1, "x", 0],
    [5, -1, "x"],
  ],
  [
    [5, 0, "a", 0, "b"],
    [5, 0, "ab"],
  ],
  [
    [5, 0, "a", "b"],
    [5, 0, "a", "b"],
  ],
  [
    [5, "a", 0, "b"],
    [5, "ab"],
  ],
])("the normal form of %j is %j", (changes, normal) => {
  expect(normalize(changes)).toEqual(normal);
});

test("what changes need, and what they add", () => {
  expect(lengthBefore([5, 0, "abc", -2, 1])).toBe(8);
  expect(growth([5, 0, "abc", -2, 1])).toBe(1);
});

test("an inverse holds what was taken away and nothing else", () => {
  expect(invert([5, "abc", -2], "helloworld")).toEqual([5, -3, "wo"]);
  expect(applyChanges(applyChanges("helloworld", [5, "abc", -2]), [5, -3, "wo"])).toBe("helloworld");
});

describe("compose", () => {
  test.each<[string, Changes, Changes, Changes]>([
    ["what is typed on", [5, "a"], [6, 0, "b"], [5, "ab"]],
    ["what is typed and taken back", [5, "a"], [5, -1], []],
    ["what is put where something went stands before that", [3, -2], [3, "X"], [3, "X", -2]],
    ["what stands among what goes stays there", [4, "X"], [2, -2, 1, -2], [2, -2, "X", -2]],
    ["a bound string and another before it", [5, 0, "b"], [5, "a"], [5, "ab"]],
    ["a bound string and another behind it", [5, 0, "a"], [6, "b"], [5, 0, "a", "b"]],
  ])("%s", (_, first, second, both) => {
    expect(compose(first, second)).toEqual(both);
  });

  test("50 000 keystrokes into one in no time", { timeout: 5_000 }, () => {
    const keys = Array.from(
      { length: 50_000 },
      (_, index): Changes => (index % 7 === 6 ? [index % 50, -1] : [index % 50, "x"]),
    );
    const text = ".".repeat(100);
    const all = composeAll(keys);
    expect(applyChanges(text, all)).toBe(keys.reduce(applyChanges, text));
    expect(composeAll([])).toEqual([]);
  });
});

describe("the smallest difference", () => {
  test.each<[string, string, Changes]>([
    ["hello", "hello", []],
    ["", "hello", ["hello"]],
    ["hello", "", [-5]],
    ["hello", "help", [3, "p", -2]],
    ["hello", "hello!", [5, "!"]],
    ["aaa", "aaaa", [3, "a"]],
    ["aaaa", "aa", [2, -2]],
    // The two characters have their first half in common, those below the second one.
    ["x😀y", "x😁y", [1, "😁", -2]],
    ["x\u{1F600}y", "x\u{1FA00}y", [1, "\u{1FA00}", -2]],
    [SMILE, SMILE + SMILE, [2, SMILE]],
  ])("%s to %s", (text, next, changes) => {
    expect(difference(text, next)).toEqual(changes);
    expect(applyChanges(text, changes)).toBe(next);
    expect(problemOf(changes, text)).toBeNull();
  });
});

describe("X4 what cannot be done", () => {
  test.each<[string, Changes, string, string | null]>([
    ["to the end", [5, "x"], "hello", null],
    ["past the end", [6, "x"], "hello", "ends at 6, the text at 5"],
    ["past the end by what goes", [3, -3], "hello", "ends at 6, the text at 5"],
    ["into a pair", [1, "x"], SMILE, CUT],
    ["half a pair away, the first", [-1], SMILE, CUT],
    ["half a pair away, the second", [1, -1], SMILE, CUT],
    ["half a pair in", ["\ud83d"], "hello", CUT],
    ["a pair away", [1, -2], `x${SMILE}`, null],
    ["a keep that ends in a pair, and nothing there", [1], SMILE, null],
  ])("%s", (_, changes, text, problem) => {
    expect(problemOf(changes, text)).toBe(problem);
  });

  test("where a pair is cut", () => {
    expect([0, 1, 2, 3, 4].map((at) => cutsPair(`x${SMILE}y`, at))).toEqual([false, false, true, false, false]);
  });
});
