import { describe, expect, it } from "vitest";
import { checkTree, createMapStore, type MapStore, type NodeRecord } from "../../src/tree/index.ts";
import { move, openDocument, remove } from "./document.ts";

type Order = NonNullable<NodeRecord["order"]>;

const NOTHING_GONE: Order = { gap: null, lead: null, spot: null, ghosts: [], counted: 0 };
const NOWHERE = { up: null, left: null, right: null, behind: null };

/** What checkTree says of a sound tree with live and removed nodes, and a ghost, after someone has damaged it. */
function problemsAfter(damage: (store: MapStore) => void): string[] {
  const document = openDocument("root\n  a\n    b\n    c\n  d\n  gone\n    went\n    too\n  e");
  document.by("ann", remove("gone"));
  document.by("ann", move("e", "d"));
  expect(checkTree(document.store, document.store.records())).toEqual([]);
  damage(document.store);
  return checkTree(document.store, document.store.records());
}

function set(id: string, fields: Partial<NodeRecord>): (store: MapStore) => void {
  return (store) => void Object.assign(store.edit(id), fields);
}

function setOrder(id: string, fields: Partial<Order>): (store: MapStore) => void {
  return (store) => set(id, { order: { ...(store.get(id)?.order ?? NOTHING_GONE), ...fields } })(store);
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
    ["children cut off by a next", set("b", { next: null }), "c is not removed but in no list"],
    ["children cut off by a first", set("a", { first: null }), "b is not removed but in no list"],
    ["children of a removed node that are cut off", set("gone", { first: null }), "went is not removed but in no list"],
    ["a ring of siblings", set("c", { next: "b" }), "b is listed twice"],
    ["a child of two parents", set("d", { first: "c", last: "c" }), "c is listed twice"],
    ["a removed child in the list of the live", set("b", { removed: 1 }), "b is removed and in a list of children"],
    ["one in that of a removed parent (T6)", set("too", { removed: 2 }), "too is removed and in a list of children"],
    ["a wrong size", (store) => void store.size++, "size says 7, there are 6 nodes"],
    ["a removed node counted wrong", setOrder("gone", { counted: 1 }), "gone is counted as 1 nodes, there are 3"],
    ["a removed node not counted", setOrder("gone", { counted: 0 }), "gone is removed and nobody will count it"],
    ["a live node counted out", setOrder("a", { counted: 1 }), "a is counted out and not removed"],
    [
      "a live node with the place of a removed one",
      setOrder("c", { spot: NOWHERE }),
      "c has the place of a removed node",
    ],
    ["what is gone, gone for good", setOrder("d", { gap: null }), "removed gone under root is not where it should be"],
    ["a ghost that is nowhere", setOrder("d", { gap: null }), "ghost e under root since 2 is not where it should be"],
    ["what is gone in two gaps", setOrder("a", { gap: "gone" }), "removed gone under root stands twice"],
  ])("%s", (_name, damage, problem) => {
    const problems = problemsAfter(damage);
    expect(problems).toContain(problem);
  });

  it.each<[damage: string, damage: (store: MapStore) => void]>([
    // But neither a height that is too small nor a removed node without a place: documents from before have both.
    ["a gap that names nobody (T13)", setOrder("d", { gap: "nobody" })],
    ["a gap that names a live node (T13)", setOrder("c", { gap: "d" })],
    ["a ghost without a node (T13)", setOrder("e", { ghosts: [] })],
    ["a ghost with another parent (T13)", setOrder("e", { ghosts: [{ parent: "a", since: 2, spot: NOWHERE }] })],
    ["what hangs in a gap and says it is behind another (T13)", behindAnother],
  ])("%s, and does not throw", (_name, damage) => {
    expect(problemsAfter(damage)).not.toEqual([]);
  });

  it("a cycle of live nodes beside the tree", () => {
    const problems = problemsAfter((store) => {
      set("root", { first: "d" })(store);
      set("d", { prev: null })(store);
      set("a", { parent: "b", next: null })(store);
      set("c", { next: "a" })(store);
      set("a", { parent: "a", prev: "c", last: "a" })(store);
    });
    expect(problems).toContain("a is inside itself, or inside a node that is");
  });

  it("a cycle of removed nodes, in which looking for a live ancestor would never end", () => {
    const problems = problemsAfter((store) => {
      set("gone", { parent: "went", prev: null, next: null })(store);
    });
    expect(problems).toContain("gone is inside itself, or inside a node that is");
  });

  it("a wrong number of removed nodes that have children", () => {
    expect(problemsAfter((store) => void store.buried++)).toHaveLength(1);
    expect(problemsAfter((store) => void store.buried--)).toHaveLength(1);
  });

  it("nothing in a store that does not keep places, whatever is gone there", () => {
    const document = openDocument("root\n  a\n    b\n  c", false);
    document.by("ann", [move("b", "c"), remove("a")]);
    expect(checkTree(document.store, document.store.records())).toEqual([]);
  });

  it("nothing in an empty tree but its missing root", () => {
    expect(checkTree(createMapStore("root"), [])).toEqual(["there is no root root"]);
  });
});

/** Both that are gone hang together behind d; the upper one says that it is behind a. */
function behindAnother(store: MapStore): void {
  for (const id of ["gone", "e"]) {
    const { spot = null, ghosts = [] } = store.get(id)?.order ?? {};
    setOrder(id, {
      spot: spot?.up === null ? { ...spot, behind: "a" } : spot,
      ghosts: ghosts.map((ghost) =>
        ghost.spot.up === null ? { ...ghost, spot: { ...ghost.spot, behind: "a" } } : ghost,
      ),
    })(store);
  }
}
