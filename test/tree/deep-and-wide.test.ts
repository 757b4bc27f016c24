import { describe, expect, it } from "vitest";
import {
  applyEvent,
  applyInverse,
  checkTree,
  createKeeper,
  forgetRemoved,
  fromData,
  fromRows,
  type MapStore,
  mutate,
  type NodeData,
  type Operation,
  type Store,
  toData,
  toRows,
  toText,
} from "../../src/tree/index.ts";
import {
  answer,
  insert,
  item,
  move,
  noNewId,
  openDocument,
  remove,
  type Stance,
  type TestDocument,
  update,
} from "./document.ts";
import { fromOutline, PLAIN } from "./outline.ts";

const DEEP = 40_000;
const WIDE = 80_000;
const LIMITED: Stance = { maxDepth: 1_000 };

/** A chain of nodes `prefix0 … prefix(count-1)`, each in the one before it. */
function chain(count: number, prefix = "n"): NodeData {
  type Open = { id: string; type: string; children?: Open[] };
  const top: Open = { id: `${prefix}0`, type: PLAIN };
  let open = top;
  for (let index = 1; index < count; index++) {
    const child: Open = { id: `${prefix}${index}`, type: PLAIN };
    open.children = [child];
    open = child;
  }
  return top;
}

/** A root with so many children `n0 …`. */
function fan(count: number): NodeData {
  return {
    id: "root",
    type: PLAIN,
    children: Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: PLAIN })),
  };
}

/** How deep nested data is, by its first children. */
function depthOf(data: NodeData): number {
  let depth = 0;
  for (let node: NodeData | undefined = data; node; node = node.children?.[0]) depth++;
  return depth;
}

function expectSound(store: MapStore): void {
  expect(checkTree(store, store.records())).toEqual([]);
}

/** A second document that only hears of the events, and keeps what is removed or, where nothing large is restored, not. */
function expectFollows(replica: MapStore, { events, store }: TestDocument, forgets: boolean): void {
  for (const { seq, ops } of events) {
    applyEvent(replica, { seq, ops });
    if (forgets) forgetRemoved(replica, ops);
  }
  expect(replica.size).toBe(store.size);
  expectSound(replica);
}

function undoAll(document: TestDocument, before: string): void {
  for (const { inverse } of document.events.toReversed())
    for (const each of inverse) applyInverse(document.store, each);
  expect(document.tree() === before, "everything is restored").toBe(true);
  expectSound(document.store);
}

/** A store that counts how often a record is asked for, and counts removed branches of more than ten nodes later. */
function counting(store: MapStore): { readonly store: Store; readonly calls: () => number } {
  let calls = 0;
  const counted: Store = {
    ...store,
    countsAtOnce: 10,
    get(id) {
      calls++;
      return store.get(id);
    },
    edit(id) {
      calls++;
      return store.edit(id);
    },
  };
  return { store: counted, calls: () => calls };
}

describe("T11, T14: nothing recurses, and what is removed at once costs the same however large it is", {
  timeout: 60_000,
}, () => {
  it("T11 data, text, JSON and rows of a tree that is 40 000 deep", () => {
    const store = fromData(chain(DEEP), () => "");
    expectSound(store);
    expect(store.size).toBe(DEEP);
    expect(depthOf(toData(store))).toBe(DEEP);
    const text = [...toText(store, "n0")].join("");
    expect(depthOf(JSON.parse(text))).toBe(DEEP);
    expect([...toText(store, "n0", 1)].join("")).toBe(
      '{"id":"n0","type":"item","children":[{"id":"n1","type":"item","truncated":true}]}',
    );
    const again = fromRows([...toRows(store)].toReversed());
    expectSound(again);
    expect(again.size).toBe(DEEP);
  });

  it("T11 a tree that is 40 000 deep, from before there was a limit: changed, removed, and time travelled in", () => {
    const document = openDocument(chain(DEEP));
    const before = document.tree();
    const lowest = `n${DEEP - 1}`;
    const tooDeep = { code: "tooDeep", op: 0 };
    expect(answer(document.by("ann", update(lowest, { x: 1 }), LIMITED))).toEqual({});
    expect(answer(document.by("ann", insert("m", lowest), LIMITED))).toEqual(tooDeep);
    expect(answer(document.by("ann", move("n20000", "n0"), LIMITED))).toEqual(tooDeep);
    expect(answer(document.by("bob", move("n1", lowest), LIMITED))).toEqual({ code: "cycle", op: 0 });
    expect(answer(document.by("ann", insert("m", "n0"), LIMITED))).toEqual({});
    expect(answer(document.by("ann", remove("n1"), LIMITED))).toEqual({});
    expect(document.store.size).toBe(2);
    expect(answer(document.by("bob", update(lowest, { x: 2 }), LIMITED))).toEqual({ removed: [lowest] });
    expect(answer(document.by("bob", insert("o", lowest), LIMITED))).toEqual({ redirected: ["o"] });
    expect(answer(document.by("bob", move(lowest, "o"), LIMITED))).toEqual({});
    expect(answer(document.by("bob", move("n1", "n0"), LIMITED))).toEqual(tooDeep);
    expect(document.store.size).toBe(4);
    expectSound(document.store);
    expectFollows(
      fromData(chain(DEEP), () => ""),
      document,
      true,
    );
    undoAll(document, before);
  });

  it("T11 a branch that reaches 1 000 levels down: inserted, moved, removed and restored", () => {
    const document = openDocument("root\n  a\n  b");
    const before = document.tree();
    const tooDeep = { code: "tooDeep", op: 0 };
    expect(answer(document.by("ann", { op: "insert", node: chain(1_000), parent: "a" }, LIMITED))).toEqual(tooDeep);
    expect(answer(document.by("ann", { op: "insert", node: chain(999), parent: "a" }, LIMITED))).toEqual({});
    expect(answer(document.by("ann", insert("m", "n998"), LIMITED))).toEqual(tooDeep);
    expect(answer(document.by("ann", move("a", "b"), LIMITED))).toEqual(tooDeep);
    expect(answer(document.by("ann", move("n0", "b"), LIMITED))).toEqual({});
    expect(answer(document.by("bob", move("b", "n998"), LIMITED))).toEqual({ code: "cycle", op: 0, seq: 2 });
    expect(answer(document.by("bob", move("n500", "root", { after: null }), LIMITED))).toEqual({});
    expect(answer(document.by("ann", remove("n0"), LIMITED))).toEqual({});
    expect(document.store.size).toBe(3 + 499);
    expect(answer(document.by("bob", update("n499", { x: 1 }), LIMITED))).toEqual({ removed: ["n499"] });
    expect(answer(document.by("bob", move("n250", "n998"), LIMITED))).toEqual({});
    expect(document.store.size).toBe(3 + 499 + 250);
    expect(answer(document.by("bob", move("n0", "b", { after: "n0" }), LIMITED))).toEqual({});
    expect(document.store.size).toBe(3 + 999);
    expectSound(document.store);
    expectFollows(fromData(fromOutline("root\n  a\n  b"), noNewId), document, false);
    undoAll(document, before);
  });

  it("T11, C4, C6 redirect and rescue from the bottom of a tree that is 40 000 deep", () => {
    const document = openDocument(chain(DEEP));
    document.by("bob", { op: "insert", node: chain(10, "m"), parent: `n${DEEP - 1}` });
    expect(answer(document.by("ann", remove("n1"), { base: 0 }))).toEqual({ rescued: ["m0"] });
    const redirected = document.by("bob", { op: "insert", node: chain(10, "o"), parent: `n${DEEP - 1}` }, { base: 1 });
    expect(answer(redirected)).toEqual({ redirected: ["o0"] });
    expect(document.store.size).toBe(1 + 20);
    expectSound(document.store);
  });

  it("80 000 children of one node: insert between, move, remove and restore", () => {
    const document = openDocument(fan(WIDE));
    const before = document.tree();
    const last = `n${WIDE - 1}`;
    for (let index = 0; index < 1_000; index++) {
      const node = { id: `m${index}`, type: PLAIN };
      expect(document.by("ann", { op: "insert", node, parent: "root", after: `n${index * 50}` }).ok).toBe(true);
    }
    document.by("ann", move(last, "root", { after: null }));
    document.by("ann", move("n0", "root"));
    expect(document.store.get("root")).toMatchObject({ first: last, last: "n0" });
    document.by("ann", remove("n5"));
    document.by("ann", remove("n7"));
    document.by("ann", move("n7", "root", { after: "n7" }));
    document.by("ann", move("n5", "root", { before: "n6" }));
    expect(document.store.get("n6")).toMatchObject({ prev: "n5", next: "n7" });
    expect(document.store.get("n8")).toMatchObject({ prev: "n7" });
    expectSound(document.store);
    expectFollows(
      fromData(fan(WIDE), () => ""),
      document,
      true,
    );
    undoAll(document, before);
  });

  it("T14 80 000 children go with their parent, and come back with it, in one effect each", () => {
    const document = openDocument({ id: "top", type: PLAIN, children: [fan(WIDE)] });
    const before = document.tree();
    document.by("ann", remove("root"));
    expect(document.store.size).toBe(1);
    document.by("ann", move("root", "top", { after: "root" }));
    expect(document.store.size).toBe(WIDE + 2);
    expect(document.events.map(({ ops }) => ops)).toMatchObject([
      [{ op: "remove", id: "root" }],
      [{ op: "move", id: "root", parent: "top", after: null, restores: 1 }],
    ]);
    expectSound(document.store);
    expect(toData(document.store).children?.[0]?.children?.length).toBe(WIDE);
    expectFollows(fromData({ id: "top", type: PLAIN, children: [fan(WIDE)] }, noNewId), document, false);
    undoAll(document, before);
  });

  it("T14 what is removed, restored and updated costs the same whatever lies below it", () => {
    const costs = [1_000, 50_000].map((count) => {
      const document = openDocument({ id: "top", type: PLAIN, children: [item("a"), fan(count), item("b")] });
      const { store, calls } = counting(document.store);
      let seq = 0;
      const mutations: readonly Operation[][] = [
        [remove("root")],
        [update("n5", { x: 1 })],
        [insert("n", "n5")],
        [move("root", "top", { after: "root" })],
        [remove("n7"), remove("root"), move("n7", "root", { after: "n7" })],
        [move("root", "a")],
      ];
      return mutations.map((operations) => {
        const before = calls();
        const verdict = mutate(store, operations, { seq: ++seq, newId: noNewId, keeper: createKeeper(1_000) });
        expect(verdict.ok).toBe(true);
        return [calls() - before, JSON.stringify(verdict).length];
      });
    });
    expect(costs[1]).toEqual(costs[0]);
  });
});
