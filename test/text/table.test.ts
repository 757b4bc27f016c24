import { describe, expect, test } from "vitest";
import { rebase, type Step } from "../../src/text/index.ts";
import { applySteps, shown } from "./model.ts";
import { edit, head, join, split } from "./steps.ts";

type Rows = Record<string, string>;

interface Case {
  readonly title: string;
  readonly rows: Rows;
  readonly one: readonly Step[];
  readonly other: readonly Step[];
  /** Where `one` is the earlier event. */
  readonly result: Rows;
  /** Where `other` is, if that is something else. */
  readonly reverse?: Rows;
}

const hello = { a: "helloworld" };
const two = { a: "hello", b: "world" };

const cases: readonly Case[] = [
  {
    title: "X1 two inserts at one place: the earlier event first",
    rows: hello,
    one: [edit("a", 5, "X")],
    other: [edit("a", 5, "Y")],
    result: { a: "helloXYworld" },
    reverse: { a: "helloYXworld" },
  },
  {
    title: "X2 a run that goes on is not cut by what another puts at its end",
    rows: { a: "helloA" },
    one: [edit("a", 6, "X")],
    other: [edit("a", 6, 0, "B"), edit("a", 7, 0, "C")],
    result: { a: "helloABCX" },
  },
  {
    title: "X2 two runs typed side by side are each whole",
    rows: hello,
    one: [edit("a", 5, "x"), edit("a", 6, 0, "y"), edit("a", 7, 0, "z")],
    other: [edit("a", 5, "1"), edit("a", 6, 0, "2")],
    result: { a: "helloxyz12world" },
    reverse: { a: "hello12xyzworld" },
  },
  {
    title: "X2 what is bound to something that goes is bound no more",
    rows: hello,
    one: [edit("a", 4, -1), edit("a", 4, "X")],
    other: [edit("a", 5, 0, "Y")],
    result: { a: "hellXYworld" },
    reverse: { a: "hellYXworld" },
  },
  {
    title: "X3 an insert inside of what is taken away is kept",
    rows: hello,
    one: [edit("a", 3, -5)],
    other: [edit("a", 5, "X")],
    result: { a: "helXld" },
  },
  {
    title: "X4 what both take away goes once",
    rows: hello,
    one: [edit("a", 3, -4)],
    other: [edit("a", 5, -4)],
    result: { a: "held" },
  },
  {
    title: "X5 an insert behind a split is in the new row",
    rows: hello,
    one: [split("a", 5, 10, "n")],
    other: [edit("a", 8, "X")],
    result: { a: "hello", n: "worXld" },
  },
  {
    title: "X6 an insert at the place of a split stays with its left neighbour",
    rows: hello,
    one: [split("a", 5, 10, "n")],
    other: [edit("a", 5, "X")],
    result: { a: "helloX", n: "world" },
  },
  {
    title: "X6 so does one at the place of a split of the head",
    rows: hello,
    one: [head("a", 5, 10, "n")],
    other: [edit("a", 5, "X")],
    result: { n: "helloX", a: "world" },
  },
  {
    title: "X6 but where that head is empty it stays in its row",
    rows: hello,
    one: [head("a", 0, 10, "n")],
    other: [edit("a", "X")],
    result: { a: "Xhelloworld" },
  },
  {
    title: "X7 taking away across a split takes from both rows",
    rows: hello,
    one: [split("a", 5, 10, "n")],
    other: [edit("a", 3, -5)],
    result: { a: "hel", n: "ld" },
  },
  {
    title: "X8 two splits at one place make an empty row between",
    rows: hello,
    one: [split("a", 5, 10, "n")],
    other: [split("a", 5, 10, "m")],
    result: { a: "hello", m: "", n: "world" },
    reverse: { a: "hello", n: "", m: "world" },
  },
  {
    title: "X9 two splits at two places make three rows",
    rows: hello,
    one: [split("a", 5, 10, "n")],
    other: [split("a", 7, 10, "m")],
    result: { a: "hello", n: "wo", m: "rld" },
  },
  {
    title: "X10 two splits of the head at two places make three rows",
    rows: hello,
    one: [head("a", 5, 10, "n")],
    other: [head("a", 7, 10, "m")],
    result: { n: "hello", m: "wo", a: "rld" },
  },
  {
    title: "X10 two splits of the head at one place make an empty row between",
    rows: hello,
    one: [head("a", 5, 10, "n")],
    other: [head("a", 5, 10, "m")],
    result: { n: "hello", m: "", a: "world" },
    reverse: { m: "hello", n: "", a: "world" },
  },
  {
    title: "X11 a split meets one of the head in front of it: three rows",
    rows: hello,
    one: [head("a", 3, 10, "n")],
    other: [split("a", 7, 10, "m")],
    result: { n: "hel", a: "lowo", m: "rld" },
  },
  {
    title: "X11 at one place the row between is empty",
    rows: hello,
    one: [head("a", 5, 10, "n")],
    other: [split("a", 5, 10, "m")],
    result: { n: "hello", a: "", m: "world" },
  },
  {
    title: "X11 behind it: three rows, and the one between is the later one's new",
    rows: hello,
    one: [split("a", 3, 10, "m")],
    other: [head("a", 7, 10, "n")],
    result: { a: "hel", n: "lowo", m: "rld" },
    reverse: { n: "hel", m: "lowo", a: "rld" },
  },
  {
    title: "X12 an insert into a joined row goes with it",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [edit("b", 3, "X")],
    result: { a: "helloworXld" },
  },
  {
    title: "X12 so does one at its beginning",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [edit("b", "X")],
    result: { a: "helloXworld" },
  },
  {
    title: "X12 one at the end of the row that it is joined to stays before it",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [edit("a", 5, "X")],
    result: { a: "helloXworld" },
  },
  {
    title: "X13 the same join twice: once",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [join("b", "a", 5, 5)],
    result: { a: "helloworld" },
  },
  {
    title: "X13 the same split twice: once",
    rows: hello,
    one: [split("a", 5, 10, "n")],
    other: [split("a", 5, 10, "n")],
    result: { a: "hello", n: "world" },
  },
  {
    title: "X14 a join, and a split of the joined row",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [split("b", 2, 5, "n")],
    result: { a: "hellowo", n: "rld" },
  },
  {
    title: "X15 a join goes to the row that has the end",
    rows: two,
    one: [split("a", 2, 5, "n")],
    other: [join("b", "a", 5, 5)],
    result: { a: "he", n: "lloworld" },
  },
  {
    title: "X15 where the row is split at its very end, the join stays with the text",
    rows: two,
    one: [split("a", 5, 5, "n")],
    other: [join("b", "a", 5, 5)],
    result: { a: "helloworld", n: "" },
  },
  {
    title: "X15 where the head is taken, the end is in the row itself",
    rows: two,
    one: [head("a", 2, 5, "n")],
    other: [join("b", "a", 5, 5)],
    result: { n: "he", a: "lloworld" },
  },
  {
    title: "X16 one row joined to two: the earlier event has it",
    rows: { a: "hello", b: "world", c: "!" },
    one: [join("b", "a", 5, 5)],
    other: [join("b", "c", 1, 5)],
    result: { a: "helloworld", c: "!" },
    reverse: { a: "hello", c: "!world" },
  },
  {
    title: "X16 each of two rows joined to the other: the earlier event has it",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [join("a", "b", 5, 5)],
    result: { a: "helloworld" },
    reverse: { b: "worldhello" },
  },
  {
    title: "X17 two rows joined to one: the earlier event first",
    rows: { a: "hello", b: "world", c: "!" },
    one: [join("b", "a", 5, 5)],
    other: [join("c", "a", 5, 1)],
    result: { a: "helloworld!" },
    reverse: { a: "hello!world" },
  },
  {
    title: "X17 a row joined to one that is joined to a third goes there",
    rows: { a: "hello", b: "world", c: "!" },
    one: [join("b", "a", 5, 5)],
    other: [join("c", "b", 5, 1)],
    result: { a: "helloworld!" },
  },
  {
    title: "X18 a join, and a split of the head of the joined row: the beginning is joined, the rest is a row",
    rows: two,
    one: [join("b", "a", 5, 5)],
    other: [head("b", 2, 5, "n")],
    result: { a: "hellowo", n: "rld" },
    reverse: { a: "hellowo", b: "rld" },
  },
];

describe("what meets what, from both orders of arrival", () => {
  test.each(cases)("$title", ({ rows, one, other, result, reverse = result }) => {
    const texts = new Map(Object.entries(rows));
    const expectRows = (actual: ReturnType<typeof applySteps>, expected: Rows) =>
      expect(shown(actual)).toEqual(shown(new Map(Object.entries(expected))));
    const after = rebase(other, one);
    expectRows(applySteps(applySteps(texts, one), after.steps), result);
    expectRows(applySteps(applySteps(texts, other), after.over), result);
    const before = rebase(one, other);
    expectRows(applySteps(applySteps(texts, other), before.steps), reverse);
    expectRows(applySteps(applySteps(texts, one), before.over), reverse);
  });

  test("X13 what both have done needs nothing more", () => {
    for (const step of [join("b", "a", 5, 5), split("a", 2, 5, "n"), head("a", 2, 5, "n")]) {
      expect(rebase([step], [step])).toEqual({ steps: [], over: [] });
    }
  });
});
