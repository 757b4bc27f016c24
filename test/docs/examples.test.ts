import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

// That they work is shown in test/e2e/examples.test.ts.
test.each(["examples/client.mjs", "examples/client.py"])("%s is a client in 40 lines", (path) => {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});
