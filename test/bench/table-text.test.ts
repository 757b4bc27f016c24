import { expect, test } from "vitest";
import { tableText } from "../../bench/report/table-text.ts";

test("figures stand on the right, but for those that name a row", () => {
  const { figures } = tableText({
    head: ["writers", "rate", "price", "words", "both"],
    rows: [
      [1, 555, "$0.20", "a", 1],
      [16, null, "≤ 3 ms", "b", "one"],
    ],
  });
  expect(figures).toEqual([false, true, true, false, false]);
});

test("a row that ends early is filled up, and a dash is for what was not measured", () => {
  expect(tableText({ head: ["a", "b", "c"], rows: [["x", null]] }).rows).toEqual([["x", "–", ""]]);
});
