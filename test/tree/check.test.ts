import { describe, expect, it } from "vitest";
import { checkTree, createMapStore, type MapStore, type NodeRecord } from "../../src/tree/index.ts";
import { openDocument, remove } from "./document.ts";

/** What checkTree says of a sound tree with live and removed nodes after someone has damaged it. */
function problemsAfter(damage: (store: MapStore) => void): string[] {
  const document = openDocument("root\n  a\n    b\n    c\n  d\n  gone\n    went\n    too");
  document.by("ann", remove("gone"));
  expect(checkTree(document.store, document.store.records())).toEqual([]);
  damage(document.store);
  return checkTree(document.store, document.store.records());
}

function set(id: string, fields: Partial<NodeRecord>): (store: MapStore) => void {
  return (store) => void Object.assign(store.edit(id), fields);
}

describe("checkTree finds", () => {
  it.each<[damage: string, damage: (store: MapStore) => void, problem: string]>([
    ["a missing root", (store) => store.delete("root"), "there is no root root"],
    ["a removed root (T1)", set("root", { removed: 3 }), "the root is removed"],
    ["a root with a parent (T1)", set("root", { parent: "a" }), "the root has a place"],
    ["a root with a sibling before it (T1)", set("root", { prev: "a" }), "the root has a place"],
    ["a root with a sibling behind it (T1)", set("root", { next: "a" }), "the root has a place"],
    ["a second root", set("d", { parent: null }), "d has no parent and is not the root"],
    ["an unknown parent", set("went", { parent: "ghost" }), "went has the unknown parent ghost"],
    ["an unknown first child", set("a", { first: "ghost" }), "a has the unknown child ghost"],
    ["an unknown next sibling", set("c", { next: "ghost" }), "a has the unknown child ghost"],
    ["a wrong parent", set("c", { parent: "d" }), "c is listed under a but has the parent d"],
    ["a wrong prev", set("c", { prev: null }), "c follows b but points back at null"],
    ["a first child with a prev", set("b", { prev: "c" }), "b follows null but points back at c"],
    ["a wrong last", set("a", { last: "b" }), "the last child of a is c, not b"],
    ["a last without children", set("b", { last: "d" }), "the last child of b is null, not d"],
    ["children cut off by a next", set("b", { next: null }), "c is alive but in no list of children"],
    ["children cut off by a first", set("a", { first: null }), "b is alive but in no list of children"],
    ["a ring of siblings", set("c", { next: "b" }), "b is listed twice"],
    ["a child of two parents", set("d", { first: "c", last: "c" }), "c is listed twice"],
    ["a removed child of a live parent", set("b", { removed: 1 }), "b (1) under a (null)"],
    ["a live child of a removed parent", set("went", { removed: null }), "went (null) under gone (1)"],
    ["a child that another event removed", set("too", { removed: 2 }), "too (2) under gone (1)"],
    ["a wrong size", (store) => void store.size++, "size says 6, there are 5 live nodes"],
  ])("%s", (_name, damage, problem) => {
    const problems = problemsAfter(damage);
    expect(problems).toContain(problem);
  });

  it("a cycle of live nodes beside the tree", () => {
    const problems = problemsAfter((store) => {
      set("root", { first: "d" })(store);
      set("d", { prev: null })(store);
      set("a", { parent: "b", next: null })(store);
      set("c", { next: "a" })(store);
      set("a", { parent: "a", prev: "c", last: "a" })(store);
    });
    expect(problems.some((problem) => problem.includes("can be reached from the root"))).toBe(true);
  });

  it("a cycle of removed nodes, in which looking for a live ancestor would never end", () => {
    const problems = problemsAfter((store) => {
      set("gone", { parent: "went", prev: null, next: null })(store);
    });
    expect(problems).not.toEqual([]);
  });

  it("nothing in an empty tree but its missing root", () => {
    expect(checkTree(createMapStore("root"), [])).toEqual(["there is no root root"]);
  });
});
