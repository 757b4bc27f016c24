import { expect, test } from "vitest";
import { editNear } from "../../src/dom/near.ts";
import { applyChanges } from "../../src/text/index.ts";

test.each([
  ["a letter typed at the end", "ab", "abc|", [2, "c"]],
  ["the first of two equal letters", "a", "a|a", ["a"]],
  ["the second of two equal letters", "a", "aa|", [1, "a"]],
  ["Backspace behind the second of three", "aaa", "a|a", [1, -1]],
  ["Delete in front of the second of three", "abab", "ab|b", [2, -1]],
  ["a word over a word", "one two six", "one three| six", [5, "hree", -2]],
  ["a correction before the caret", "teh cat", "the cat|", [1, "he", -2]],
  ["a correction behind the caret", "I saw teh", "I| saw the", [7, "he", -2]],
  ["a paste of what stands there already", "abab", "ab|abab", ["ab"]],
  ["everything deleted", "abc", "|", [-3]],
  ["nothing", "abc", "abc|", []],
])("[X71] the smallest edit near the caret: %s", (_what, before, picture, changes) => {
  const after = picture.replace("|", "");
  expect(editNear(before, after, picture.indexOf("|"))).toEqual(changes);
  expect(applyChanges(before, changes)).toBe(after);
});

test.each([
  ["😀", "😁", ["😁", -2]],
  ["a😀b", "a😀😁b", [3, "😁"]],
  ["e\u0301", "e\u0300", ["e\u0300", -2]],
  ["👩‍👩‍👧!", "👩‍👩‍👦!", ["👩‍👩‍👦", -8]],
  ["👍🏽", "👍🏿", ["👍🏿", -4]],
  ["🇩🇪", "🇩🇰", ["🇩🇰", -4]],
])("[X72] what is replaced is replaced by whole characters: %s by %s", (before, after, changes) => {
  expect(editNear(before, after, after.length)).toEqual(changes);
  expect(applyChanges(before, changes)).toBe(after);
});

test("[X72] an accent that a key adds or takes is no more than that", () => {
  expect(editNear("ae", "ae\u0301", 3)).toEqual([2, "\u0301"]);
  expect(editNear("ae\u0301", "ae", 2)).toEqual([2, -1]);
  expect(editNear("का", "क", 1)).toEqual([1, -1]);
});

test("[X72] half of a surrogate pair is never an edit, wherever the caret is", () => {
  const texts = ["😀😁", "😁😀😀", "😀", "a😀b😁", "\ud83d", "😀\ude00"];
  for (const before of texts) {
    for (const after of texts) {
      for (let caret = 0; caret <= after.length; caret++) {
        const changes = editNear(before, after, caret);
        expect(applyChanges(before, changes)).toBe(after);
        // A pair that both have stays whole; one that is changed is changed whole.
        if (before.isWellFormed() && after.isWellFormed()) {
          for (const change of changes) if (typeof change === "string") expect(change.isWellFormed()).toBe(true);
        }
      }
    }
  }
});
