import { expect, test } from "vitest";
import { type Price, priceOfEdits, priceOfIdleMonth } from "../../bench/report/prices.ts";
import { plain } from "./section.ts";

const dollars = ({ parts }: Price) => parts.map(({ name, dollars }) => [name, Number(dollars.toPrecision(6))]);

test("a million edits, by hand", () => {
  const price = priceOfEdits({
    messages: 1_000_000, // 50 000 requests: a twentieth of 0.15
    rowsWritten: 34_000, // 0.034 of a dollar
    activeSeconds: 2_592_000, // 30 days awake: 331 776 GB-s, as the platform's documentation has it
    databaseBytes: 187_000_000, // 0.187 of 20 cents
  });
  expect(dollars(price)).toEqual([
    ["requests", 0.0075],
    ["duration", 4.1472],
    ["rows written", 0.034],
    ["storage", 0.0374],
  ]);
  expect(price.dollars).toBeCloseTo(4.2261, 10);
  expect(price.parts.map(({ formula }) => plain(formula))).toEqual([
    "1 000 000 messages ÷ 20 × $0.15 per 1 000 000 requests = $0.0075",
    "2 592 000 s × 0.128 GB × $12.50 per 1 000 000 GB-s = $4.15",
    "34 000 rows written × $1.00 per 1 000 000 rows written = $0.034",
    "187 MB for a month × $0.20 per GB-month = $0.0374",
  ]);
  expect(price.formula).toBe("requests $0.0075 + duration $4.15 + rows written $0.034 + storage $0.0374 = $4.23");
});

test("a month without edits, by hand", () => {
  const price = priceOfIdleMonth({ wakeUps: 1000, rowsWritten: 500, databaseBytes: 1_000_000_000 });
  expect(dollars(price)).toEqual([
    ["requests", 0.00015],
    ["duration", 0.016], // 1000 × 10 s × 0.128 GB × 12.50 / 1 000 000
    ["rows written", 0.0005],
    ["storage", 0.2],
  ]);
  expect(price.dollars).toBeCloseTo(0.21665, 10);
  expect(price.parts[1]?.formula).toContain("wake-ups × 10 s × 0.128 GB");
});

test("what does nothing and keeps nothing costs nothing", () => {
  expect(priceOfIdleMonth({ wakeUps: 0, rowsWritten: 0, databaseBytes: 0 }).dollars).toBe(0);
});
