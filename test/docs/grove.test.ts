import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

// docs/grove.md names a test for each of its rows; this looks whether they are there.

const page = readFileSync("docs/grove.md", "utf8");
const rows = page.split("\n").filter((line) => /^\| (?!Grove|---)/.test(line));
const cited = rows.map((row) => /`(test\/[^`]+)`: (.+?) \|$/.exec(row));

describe("docs/grove.md", () => {
  test("names a test in every row", () => {
    expect(rows.filter((_, index) => cited[index] === null)).toEqual([]);
    expect(rows.length).toBeGreaterThan(35);
  });

  test.each(cited.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]))("%s has %s", (path, title) => {
    expect(existsSync(path), path).toBe(true);
    expect(readFileSync(path, "utf8")).toContain(title);
  });

  test("has every function and every option of Grove", () => {
    const functions = [
      "child_spec",
      "get_or_start",
      "get_state",
      "history",
      "info",
      "join",
      "leave",
      "mutate",
      "stop",
      "topic",
    ];
    const options = [
      "pubsub",
      "tree",
      "grace_period",
      "snapshot_interval",
      "storage",
      "storage_ref",
      "use_document_storage",
    ];
    for (const name of functions) expect(page).toContain(`| \`${name}(`);
    for (const name of options) expect(page).toContain(`| \`:${name}\``);
  });
});
