import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatCell,
  formatDollars,
  formatNumber,
  formatQuantity,
  formatTick,
} from "../../bench/report/format.ts";

/** With spaces as they are typed. */
const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("numbers", () => {
  test.each([
    [0, "0"],
    [-0, "0"],
    [-0.4, "-0.4"],
    [7, "7"],
    [1234, "1 234"],
    [1_000_001, "1 000 001"], // a count is exact
    [38_637.4, "38 637"],
    [99.97, "100"],
    [12.345, "12.3"],
    [1.004, "1"],
    [0.04512, "0.045"],
    [0.000_000_12, "0.00000012"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "∞"],
  ])("%d is written %s", (value, text) => {
    expect(plain(formatNumber(value))).toBe(text);
  });

  test("are grouped by spaces at which no line breaks", () => {
    expect(formatNumber(1_234_567)).toBe("1\u202f234\u202f567");
  });
});

describe("cells", () => {
  test.each([
    [null, "–"],
    ["as it is", "as it is"],
    [1234, "1 234"],
    [{ median: 38_637, least: 37_123, most: 39_011 }, "38 600 (37 100–39 000)"],
    [{ median: 0.9123, least: 0.0781, most: 1.5678 }, "0.91 (0.078–1.57)"],
    [{ median: 38_637, least: 38_637, most: 38_637 }, "38 600"], // once is no spread
  ])("%o is written %s", (cell, text) => {
    expect(plain(formatCell(cell))).toBe(text);
  });
});

describe("units", () => {
  test.each([
    [0, "0 B"],
    [1024, "1 024 B"],
    [12_345, "12.3 KB"],
    [999_499, "999 KB"],
    [999_900, "1 MB"],
    [187_000_000, "187 MB"],
    [27_200_000_000, "27.2 GB"],
  ])("%d bytes are written %s", (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text);
  });

  test.each([
    [0, "$0.00"],
    [0.2, "$0.20"],
    [0.0075, "$0.0075"],
    [0.001_234_5, "$0.00123"],
    [0.9999, "$1.00"],
    [4.1472, "$4.15"],
    [1234.5, "$1 234.50"],
  ])("%d dollars are written %s", (dollars, text) => {
    expect(plain(formatDollars(dollars))).toBe(text);
  });

  test("stand where they are read", () => {
    expect(formatQuantity(12.3, "ms")).toBe("12.3 ms");
    expect(plain(formatQuantity(8000, "/s"))).toBe("8 000/s");
    expect(formatQuantity(20_000, "B")).toBe("20 KB");
    expect(formatQuantity(0.5, "$")).toBe("$0.50");
    expect(formatQuantity(3, "")).toBe("3");
  });

  test.each([
    [0, "0"],
    [0.05, "0.05"],
    [500, "500"],
    [1000, "1k"],
    [2_500_000, "2.5M"],
    [10_000_000_000, "10G"],
  ])("%d on an axis is written %s", (value, text) => {
    expect(formatTick(value)).toBe(text);
  });
});
