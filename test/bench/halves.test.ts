import { expect, test } from "vitest";
import { deepIn, halvesOf, inThirty, lastOf } from "../../bench/before/waits/layout.ts";

const NODES = 100_000;
const nodes = [...halvesOf(NODES)];
const parents = new Map(nodes.map(({ id, parent }) => [id, parent]));

function pathTo(id: string): string[] {
  const path: string[] = [];
  for (let at: string | undefined = id; at !== undefined; at = parents.get(at)) path.push(at);
  return path;
}

test("every node has an id of its own, and its parent stands above it", () => {
  const seen = new Set<string>();
  for (const { id, parent } of nodes) {
    expect(seen.has(id)).toBe(false);
    expect(parent === undefined ? id : seen.has(parent)).toBe(parent === undefined ? "root" : true);
    seen.add(id);
  }
});

test("half of the document is one branch, and nothing is deeper than a tree may be", () => {
  const tops = new Map<string, string[]>();
  const depths = new Map<string, number>();
  for (const { id, parent } of nodes) {
    depths.set(id, parent === undefined ? 0 : 1 + (depths.get(parent) ?? Number.NaN));
    const above = parent === undefined ? [] : (tops.get(parent) ?? []);
    tops.set(id, ["half", "thirty", "most"].includes(id) ? [...above, id] : above);
  }
  const below = (top: string) => [...tops.values()].filter((above) => above.includes(top)).length;
  expect(below("half") / NODES).toBeCloseTo(0.5, 1);
  expect(below("thirty")).toBeGreaterThan(20_000);
  expect(below("most")).toBeGreaterThanOrEqual(below("thirty"));
  expect(Math.max(...depths.values())).toBeLessThan(1_000);
});

test("the nodes that the steps name stand where they say", () => {
  expect(pathTo(deepIn(NODES))).toContain("half");
  expect(pathTo(deepIn(NODES)).length).toBeGreaterThan(500);
  for (const index of [0, 1, 7, 4_999, 12_345]) expect(pathTo(inThirty(NODES, index))).toContain("thirty");
  expect(pathTo(lastOf(NODES))).toContain("other");
});
