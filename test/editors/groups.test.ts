import { expect, test } from "vitest";
import { createGroups, PAUSE, type Typing } from "../../src/editors/groups.ts";
import type { Changes } from "../../src/text/index.ts";

type Edit = readonly [changes: Changes, typing?: Typing];

/** Edits, each so many milliseconds after the last, or a move of the caret; as which steps of undo they come out. */
function steps(...all: readonly (Edit | number | "move")[]): string {
  let time = 0;
  const groups = createGroups(() => time);
  const names: string[] = [];
  for (const each of all) {
    if (each === "move") groups.end();
    else if (typeof each === "number") time += each;
    else names.push(groups.of(...each));
  }
  const known = [...new Set(names)];
  return names.map((name) => known.indexOf(name) + 1).join("");
}

const a: Edit = [[3, "a"]];
const back: Edit = [[3, -1]];
const composed = (...changes: Changes): Edit => [changes, { isComposing: true }];

test.each([
  ["letter by letter", [a, a, a], "111"],
  ["up to a pause", [a, PAUSE, a, PAUSE + 1, a, a], "1122"],
  ["up to a move of the caret", [a, a, "move", a], "112"],
  ["up to a change of direction, and back", [a, a, back, back, a], "11223"],
  ["over what is selected, and on", [a, "move", [[3, "b", -2]], a], "122"],
  ["at several places at once", [[["a", 3, "a"]], [[1, "a", 4, "a"]]], "11"],
  [
    "in one row and then in another",
    [
      [["a"], { row: "r" }],
      [["b"], { row: "s" }],
      [["c"], { row: "r" }],
    ],
    "123",
  ],
  ["with Enter, which is one by itself", [a, [[3, "\n"]], [[4, "\n"]], a, a], "12344"],
  ["around what is pasted or cut", [a, [["all of it"], { isAlone: true }], a, [[-4], { isAlone: true }], a], "12345"],
  ["by an input method", [composed("n"), composed("に", -1), 5_000, composed("日本", -1), composed(2, -1)], "1111"],
  ["by an input method among keys", [a, composed("n"), PAUSE, a, PAUSE + 1, composed("n")], "1112"],
] satisfies [string, (Edit | number | "move")[], string][])("X111 typed %s", (_how, all, expected) => {
  expect(steps(...all)).toBe(expected);
});

test("X111 no two groups have the same name, whoever makes them at the same moment", () => {
  const names = Array.from({ length: 100 }, () => createGroups(() => 0).of(["a"]));
  expect(new Set(names).size).toBe(100);
});
