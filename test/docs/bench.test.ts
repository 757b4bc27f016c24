import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("every figure that the README tells of the others stands in the report of the run", () => {
  const readme = readFileSync("README.md", "utf8");
  const report = readFileSync("bench/README.md", "utf8").replaceAll("\u202f", " ");
  const section = readme.slice(readme.indexOf("## Beside others"), readme.indexOf("## Where things are"));
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && /\d/.test(line));
  const figures = rows.flatMap((row) => row.split("|").slice(2, -1)).map((cell) => cell.trim());
  const missing = figures.filter((figure) => figure !== "" && !report.includes(`| ${figure} `));
  expect(rows.length).toBeGreaterThan(8);
  expect(missing).toEqual([]);
});
