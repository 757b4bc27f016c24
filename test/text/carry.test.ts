import { expect, test } from "vitest";
import { carry, type Step } from "../../src/text/index.ts";
import { edit, head, join, split } from "./steps.ts";

type Place = readonly [id: string, index: number];

const carried = ([id, index]: Place, steps: readonly Step[], side: "left" | "right"): Place => {
  const place = carry({ id, attr: "text", index }, steps, side);
  return [place.id, place.index];
};

test.each<[string, Place, Step[], left: Place, right: Place]>([
  ["an insert before it", ["a", 5], [edit("a", 2, "XY")], ["a", 7], ["a", 7]],
  ["an insert behind it", ["a", 5], [edit("a", 6, "XY")], ["a", 5], ["a", 5]],
  ["an insert right there", ["a", 5], [edit("a", 5, "XY")], ["a", 5], ["a", 7]],
  ["an insert at the beginning, where it is", ["a", 0], [edit("a", "XY")], ["a", 0], ["a", 2]],
  ["a bound insert right there", ["a", 5], [edit("a", 5, 0, "XY")], ["a", 5], ["a", 7]],
  ["what is around it taken away", ["a", 5], [edit("a", 3, -4)], ["a", 3], ["a", 3]],
  ["what is around it replaced", ["a", 5], [edit("a", 3, "X", -4)], ["a", 4], ["a", 4]],
  ["another text", ["a", 5], [edit("b", 2, "XY")], ["a", 5], ["a", 5]],
  ["another attribute", ["a", 5], [{ op: "edit", id: "a", attr: "title", changes: ["XY"] }], ["a", 5], ["a", 5]],
  ["a split before it", ["a", 8], [split("a", 5, 10, "n")], ["n", 3], ["n", 3]],
  ["a split behind it", ["a", 3], [split("a", 5, 10, "n")], ["a", 3], ["a", 3]],
  ["a split right there", ["a", 5], [split("a", 5, 10, "n")], ["a", 5], ["n", 0]],
  ["a split of the head behind it", ["a", 3], [head("a", 5, 10, "n")], ["n", 3], ["n", 3]],
  ["a split of the head before it", ["a", 8], [head("a", 5, 10, "n")], ["a", 3], ["a", 3]],
  ["a split of the head right there", ["a", 5], [head("a", 5, 10, "n")], ["n", 5], ["a", 0]],
  ["an empty head at the beginning, where it is", ["a", 0], [head("a", 0, 10, "n")], ["a", 0], ["a", 0]],
  ["a join of its row", ["b", 0], [join("b", "a", 5, 5)], ["a", 5], ["a", 5]],
  ["a join to its row", ["a", 5], [join("b", "a", 5, 5)], ["a", 5], ["a", 5]],
  ["one after the other", ["a", 8], [split("a", 5, 10, "n"), edit("n", "X"), join("n", "a", 5, 6)], ["a", 9], ["a", 9]],
])("X19 a place is carried over %s", (_, place, steps, left, right) => {
  expect(carried(place, steps, "left")).toEqual(left);
  expect(carried(place, steps, "right")).toEqual(right);
});
