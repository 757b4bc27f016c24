import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const readme = readFileSync("README.md", "utf8");

test.each(["examples/client.mjs", "examples/client.py"])(
  "the README shows %s as it is, in at most 40 lines",
  (path) => {
    const source = readFileSync(path, "utf8").trim();
    expect(readme).toContain(`\n${source}\n\`\`\``);
    expect(source.split("\n").length).toBeLessThanOrEqual(40);
  },
);

test("every file that the README links to is there", () => {
  const links = Array.from(readme.matchAll(/\]\(([^)#:]+)\)/g), (match) => match[1] ?? "");
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});

test("the README's file map names rooms that are there", () => {
  const map = readme.slice(readme.indexOf("## Where things are"));
  const names = Array.from(
    map.matchAll(/`((?:src|demo|examples|scripts|bench|docs|test)\/[^`]*)`/g),
    (match) => match[1] ?? "",
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !existsSync(name))).toEqual([]);
});
