import { expect, test } from "vitest";
import { judge } from "../../bench/report/verdict.ts";
import { plain, rate, resume, rows, slow } from "./section.ts";

test.each([
  [rate, "met"],
  [{ ...rate, value: 8 }, "met"],
  [{ ...rate, value: 7 }, "NOT MET"],
  [{ ...rate, value: Number.NaN }, "NOT MET"],
  [resume, "met"],
  [{ ...resume, value: 1024 }, "met"],
  [{ ...resume, value: 1025 }, "NOT MET"],
  [{ ...resume, value: Number.NaN }, "NOT MET"],
])("%o is %s", (bar, word) => {
  expect(judge(bar)).toMatchObject({ word, met: word === "met" });
});

test("tells the value, the bar and how many times the bar the value is", () => {
  expect(judge(rate)).toMatchObject({ value: "18.4 ×", bar: "≥ 8 ×", ratio: "2.31 ×", note: "" });
  expect(judge(rows)).toMatchObject({ value: "0.12", bar: "≤ 0.1", ratio: "1.2 ×" });
  expect(plain(judge(resume).bar)).toBe("≤ 1 024 B");
  expect(judge({ ...rows, bar: 0 }).ratio).toBe("–");
});

test("a whole number is told exactly", () => {
  expect(plain(judge({ ...resume, value: 1019, unit: "bytes" }).value)).toBe("1 019 bytes");
});

test("a value that misses the bar by little does not read as the bar", () => {
  expect(judge(slow)).toMatchObject({ value: "7.996 ×", bar: "≥ 8 ×", ratio: "0.9995 ×", word: "NOT MET" });
});

test("a value that is the bar reads as the bar", () => {
  expect(judge({ ...rate, value: 100 / 3, bar: 100 / 3 })).toMatchObject({
    value: "33.3 ×",
    bar: "≥ 33.3 ×",
    ratio: "1 ×",
  });
});
