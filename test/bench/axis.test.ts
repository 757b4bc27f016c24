import { describe, expect, test } from "vitest";
import { createScale } from "../../bench/report/axis.ts";

const linear = { label: "", scale: "linear" } as const;
const log = { label: "", scale: "log" } as const;

describe("ticks", () => {
  test.each([
    [linear, [555, 31_000], 6, [0, 10_000, 20_000, 30_000, 40_000]],
    [linear, [1, 64], 8, [0, 10, 20, 30, 40, 50, 60, 70]],
    [linear, [0.1, 0.3], 6, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]],
    [linear, [-4, 3], 6, [-4, -2, 0, 2, 4]],
    [linear, [0, 0], 6, [0, 0.2]],
    [linear, [], 6, [0, 0.2]],
    [log, [1000, 1_000_000], 8, [1000, 10_000, 100_000, 1_000_000]],
    [log, [3, 40], 6, [2, 5, 10, 20, 50]],
    [log, [2.4, 4100], 6, [1, 10, 100, 1000, 10_000]],
    [log, [1e-6, 1e6], 6, [1e-6, 1e-3, 1, 1e3, 1e6]],
    [log, [0.3], 6, [0.2, 0.5]],
    [log, [1], 6, [1, 2]],
    [log, [], 6, [1, 2]],
  ])("on a $scale axis for %j, about %d: %j", (axis, values, count, ticks) => {
    expect(createScale(axis, values, count).ticks).toEqual(ticks);
  });
});

describe("places", () => {
  test("rise from 0 to 1 by what is added, or by what is multiplied", () => {
    const adding = createScale(linear, [0, 100], 5);
    const multiplying = createScale(log, [1, 10_000], 5);
    expect([0, 25, 100].map(adding.place)).toEqual([0, 0.25, 1]);
    expect([1, 10, 10_000].map(multiplying.place)).toEqual([0, 0.25, 1]);
  });

  test("are there for every value that is shown", () => {
    for (const axis of [linear, log]) {
      for (const values of [[7], [3, 3, 3], [0, 5], [1000], [999.9, 1000.1], [-2, 8], [4e-9, 7e12], [Number.NaN, 2]]) {
        const scale = createScale(axis, values, 6);
        for (const value of values.filter(scale.shows)) {
          expect(scale.place(value), `${value} of ${values}, ${axis.scale}`).toBeGreaterThanOrEqual(0);
          expect(scale.place(value), `${value} of ${values}, ${axis.scale}`).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  test("are not there for what has no logarithm", () => {
    const { shows } = createScale(log, [0, -1, 10], 6);
    expect([0, -1, Number.NaN, 10].map(shows)).toEqual([false, false, false, true]);
    expect([0, -1, Number.NaN, 10].map(createScale(linear, [1], 6).shows)).toEqual([true, true, false, true]);
  });
});
