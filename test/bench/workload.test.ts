import { expect, test } from "vitest";
import { editsOf, fillOf } from "../../bench/load/workload.ts";

test.each([50, 150, 1_000])("no move leaves its node where it is, %i nodes", (nodes) => {
  const parents = new Map<string, string>();
  for (const operation of fillOf(nodes).flat()) {
    if (operation.op === "insert") parents.set(operation.node.id ?? "", operation.parent);
  }
  const edit = editsOf("move", "writer", nodes, 1, { index: 0, of: 1 });
  for (let count = 0; count < 5_000; count++) {
    for (const operation of edit()) {
      if (operation.op !== "move") throw new Error(`a ${operation.op}`);
      expect(parents.get(operation.id)).not.toBe(operation.parent);
      parents.set(operation.id, operation.parent);
    }
  }
});

test("no update sets what is there", () => {
  const values = new Map<string, unknown>();
  const edit = editsOf("update", "writer", 200, 1, { index: 0, of: 1 });
  for (let count = 0; count < 5_000; count++) {
    for (const operation of edit()) {
      if (operation.op !== "update") throw new Error(`an ${operation.op}`);
      expect(values.get(operation.id)).not.toBe(operation.attrs?.done);
      values.set(operation.id, operation.attrs?.done);
    }
  }
});
