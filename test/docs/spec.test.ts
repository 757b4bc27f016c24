import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const rules = Array.from(
  readFileSync("docs/spec.md", "utf8").matchAll(/^- \*\*([A-Z]\d+)\*\*/gm),
  (match) => match[1] ?? "",
);

/** Everything that test titles say, whatever way they are quoted. */
const titles = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) =>
    Array.from(
      readFileSync(`test/${name}`, "utf8").matchAll(/["'`]([^"'`\n]*\b[A-Z]\d+\b[^"'`\n]*)["'`]/g),
      (match) => match[1],
    ),
  )
  .join("\n");

test("every rule of docs/spec.md has a number of its own", () => {
  expect(rules.length).toBeGreaterThan(50);
  expect(new Set(rules).size).toBe(rules.length);
});

test("every rule of docs/spec.md is cited by a test", () => {
  expect(rules.filter((rule) => !new RegExp(`\\b${rule}\\b`).test(titles))).toEqual([]);
});
