import { describe, expect, it } from "vitest";
import {
  applyEvent,
  applyInverse,
  checkTree,
  forgetRemoved,
  fromData,
  fromRows,
  type MapStore,
  type NodeData,
  toData,
  toRows,
  toText,
} from "../../src/tree/index.ts";
import { answer, move, openDocument, remove, type TestDocument, update } from "./document.ts";
import { PLAIN } from "./outline.ts";

const DEEP = 100_000;
const WIDE = 200_000;

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

/** A second document that only hears of the events. */
function expectFollows(replica: MapStore, { events, store }: TestDocument): void {
  for (const { seq, ops } of events) {
    applyEvent(replica, { seq, ops });
    forgetRemoved(replica, ops);
  }
  expect(replica.size).toBe(store.size);
  expectSound(replica);
}

function undoAll(document: TestDocument, before: string): void {
  for (const { inverse } of document.events.toReversed())
    for (const each of inverse) applyInverse(document.store, each);
  expect(document.text() === before, "every record is restored").toBe(true);
}

describe("T11: nothing recurses", { timeout: 60_000 }, () => {
  it("T11 data, text, JSON and rows of a tree that is 100 000 deep", () => {
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

  it("T11 insert 10 000 nested nodes, move, remove and restore in a tree that is 100 000 deep", () => {
    const document = openDocument(chain(DEEP));
    const before = document.text();
    const lowest = `n${DEEP - 1}`;
    const inserted = document.by("ann", { op: "insert", node: chain(10_000, "m"), parent: lowest });
    expect(inserted.ok).toBe(true);
    expect(document.store.size).toBe(DEEP + 10_000);
    expect(answer(document.by("bob", move("n1", "m9999")))).toEqual({ code: "cycle", op: 0, seq: 1 });
    expect(document.by("bob", move("m5000", "n0", { after: null })).ok).toBe(true);
    expect(document.by("ann", remove("n1")).ok).toBe(true);
    expect(document.store.size).toBe(1 + 5_000);
    expect(answer(document.by("bob", update(lowest, { x: 1 })))).toEqual({ removed: [lowest] });
    expect(document.by("bob", move("n50000", "m9999")).ok).toBe(true);
    expect(document.store.size).toBe(1 + 5_000 + DEEP - 50_000 + 5_000);
    expect(document.by("bob", move("n1", "n0")).ok).toBe(true);
    expect(document.store.size).toBe(DEEP + 10_000);
    expectSound(document.store);
    expectFollows(
      fromData(chain(DEEP), () => ""),
      document,
    );
    undoAll(document, before);
  });

  it("T11, C4, C6 redirect and rescue from the bottom of a tree that is 100 000 deep", () => {
    const document = openDocument(chain(DEEP));
    document.by("bob", { op: "insert", node: chain(10, "m"), parent: `n${DEEP - 1}` });
    expect(answer(document.by("ann", remove("n1"), { base: 0 }))).toEqual({ rescued: ["m0"] });
    const redirected = document.by("bob", { op: "insert", node: chain(10, "o"), parent: `n${DEEP - 1}` }, { base: 1 });
    expect(answer(redirected)).toEqual({ redirected: ["o0"] });
    expect(document.store.size).toBe(1 + 20);
    expectSound(document.store);
  });

  it("200 000 children of one node: insert between, move, remove and restore", () => {
    const document = openDocument(fan(WIDE));
    const before = document.text();
    const last = `n${WIDE - 1}`;
    for (let index = 0; index < 1_000; index++) {
      const node = { id: `m${index}`, type: PLAIN };
      expect(document.by("ann", { op: "insert", node, parent: "root", after: `n${index * 100}` }).ok).toBe(true);
    }
    document.by("ann", move(last, "root", { after: null }));
    document.by("ann", move("n0", "root"));
    expect(document.store.get("root")).toMatchObject({ first: last, last: "n0" });
    document.by("ann", remove("n5"));
    document.by("ann", move("n5", "root", { before: "n6" }));
    expect(document.store.get("n6")).toMatchObject({ prev: "n5" });
    expectSound(document.store);
    expectFollows(
      fromData(fan(WIDE), () => ""),
      document,
    );
    undoAll(document, before);
  });

  it("200 000 children go with their parent, and come back with it", () => {
    const document = openDocument({ id: "top", type: PLAIN, children: [fan(WIDE)] });
    document.by("ann", remove("root"));
    expect(document.store.size).toBe(1);
    document.by("ann", move("root", "top"));
    expect(document.store.size).toBe(WIDE + 2);
    expectSound(document.store);
    expect(toData(document.store).children?.[0]?.children?.length).toBe(WIDE);
  });
});
