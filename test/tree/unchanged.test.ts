import { describe, expect, it } from "vitest";
import type { Json, Operation } from "../../src/tree/index.ts";
import { insert, move, openDocument, remove, update } from "./document.ts";
import { inline, outline } from "./outline.ts";

const START = "root\n  a\n  b\n    x\n  gone\n  c\n  elsewhere\n  p\n    q";

/** The receipts of a mutation that must change nothing, in a document where much has happened before. */
function unchanged(operations: Operation | readonly Operation[], base?: number): object {
  const document = openDocument(START);
  document.by("bob", [
    remove("gone"),
    move("elsewhere", "p"),
    update("a", { x: 1, list: [1, { y: 2, z: null }] }),
    { op: "update", id: "b", type: "heading" },
    remove("q"),
    remove("p"),
  ]);
  const before = document.text();
  const verdict = document.by("ann", operations, { base });
  expect(verdict).toEqual({ ok: true, ops: [], inverse: [], receipts: expect.anything() });
  expect(document.text()).toBe(before);
  expect(document.events).toHaveLength(1);
  return verdict.ok ? verdict.receipts : {};
}

/** Whether a mutation is an event. */
function isEvent(operation: Operation): boolean {
  const document = openDocument(START);
  document.by("bob", [update("a", { x: 1, list: [1, { y: 2 }], none: null }), remove("gone")]);
  document.by("ann", operation);
  return document.events.length === 2;
}

describe("T12: what changes nothing is no event", () => {
  it("T12 an update to the values that there are", () => {
    expect(unchanged(update("a", { x: 1 }))).toEqual({});
    expect(unchanged(update("a", { list: [1, { z: null, y: 2 }] }))).toEqual({});
    expect(unchanged(update("a", {}, ["absent", "toString"]))).toEqual({});
    expect(unchanged(update("a", { x: 1 }, ["absent"]))).toEqual({});
    expect(unchanged(update("a", { absent: 1 }, ["absent"]))).toEqual({});
    expect(unchanged(update("a", { x: 1, absent: null, toString: 1 }, ["toString", "absent"]))).toEqual({});
    expect(unchanged({ op: "update", id: "a", type: "item" })).toEqual({});
    expect(unchanged({ op: "update", id: "b", type: "heading", attrs: {}, unset: [] })).toEqual({});
    expect(unchanged({ op: "update", id: "b" })).toEqual({});
    expect(unchanged({ op: "update", id: "root", type: "item" })).toEqual({});
  });

  it("T12 but any other value is one, however like it", () => {
    const others: Json[] = [2, "1", null, true, [1], { x: 1 }];
    for (const x of others) expect(isEvent(update("a", { x })), JSON.stringify(x)).toBe(true);
    const lists: Json[] = [[], [1], [{ y: 2 }, 1], [1, { y: 2 }, 3], [1, { y: 3 }], [1, { y: 2, z: 0 }], [1, {}], {}];
    for (const list of lists) expect(isEvent(update("a", { list })), JSON.stringify(list)).toBe(true);
    expect(isEvent(update("a", { list: { 0: 1, 1: { y: 2 } } }))).toBe(true);
    for (const none of [0, "", false, [], {}]) expect(isEvent(update("a", { none })), JSON.stringify(none)).toBe(true);
    expect(isEvent(update("a", { absent: null }))).toBe(true);
    expect(isEvent(update("a", { toString: null }))).toBe(true);
    expect(isEvent(update("a", { x: 1, absent: 0 }))).toBe(true);
    expect(isEvent(update("a", { x: 1 }, ["none"]))).toBe(true);
    for (const x of [1, 2]) expect(isEvent(update("a", { x }, ["x"])), "it is deleted").toBe(true);
    expect(isEvent(update("a", { absent: 1, other: 1 }, ["absent"]))).toBe(true);
    expect(isEvent({ op: "update", id: "a", type: "heading", attrs: { x: 1 } })).toBe(true);
    expect(isEvent(update("gone", { x: 1 }))).toBe(true);
  });

  it("T12 a move to the place that the node has among the live", () => {
    expect(unchanged(move("a", "root", { after: null }))).toEqual({});
    expect(unchanged(move("a", "root", { before: "b" }))).toEqual({});
    expect(unchanged(move("b", "root", { after: "a" }))).toEqual({});
    expect(unchanged(move("c", "root"))).toEqual({});
    for (const id of ["a", "b", "c"]) {
      expect(unchanged(move(id, "root", { after: id }))).toEqual({});
      expect(unchanged(move(id, "root", { before: id }))).toEqual({});
    }
  });

  it("T12 on either side of what is gone there", () => {
    for (const anchor of ["gone", "b"]) expect(unchanged(move("c", "root", { after: anchor }))).toEqual({});
    for (const anchor of ["gone", "c"]) expect(unchanged(move("b", "root", { before: anchor }))).toEqual({});
    expect(unchanged(move("b", "root", { after: "gone" }))).toEqual({});
    expect(unchanged(move("c", "root", { before: "elsewhere" }))).toEqual({});
    expect(unchanged(move("c", "root", { after: "elsewhere" }))).toEqual({});
    expect(unchanged(move("c", "root", { before: "p" }))).toEqual({});
  });

  it("T12 what is not placed anew was seen by whoever had seen it: a remover takes it along", () => {
    const document = openDocument(START);
    document.by("bob", [move("x", "b", { after: null }), update("x", {})]);
    expect(document.events).toEqual([]);
    expect(document.by("ann", remove("b"), { base: 0 })).toMatchObject({ receipts: {} });
    expect(document.store.get("x")).toMatchObject({ parent: "b", placed: 0 });
  });

  it("T12, C9 a removal of what is removed, or lies in what is", () => {
    expect(unchanged(remove("gone"))).toEqual({});
    expect(unchanged(remove("q"))).toEqual({});
    expect(unchanged(remove("elsewhere"))).toEqual({});
  });

  it("T12 no operation at all, and several of them", () => {
    expect(unchanged([])).toEqual({});
    expect(unchanged([remove("gone"), move("a", "root", { after: "a" }), update("a", { x: 1 })])).toEqual({});
  });

  it("T12 operations that cancel each other out are an event all the same", () => {
    for (const operations of [
      [update("a", { x: 2 }), update("a", { x: 1 })],
      [move("a", "root"), move("a", "root", { after: null })],
      [insert("n", "a"), remove("n")],
      [remove("c"), move("c", "root", { after: "c" })],
    ]) {
      const document = openDocument(START);
      document.by("bob", update("a", { x: 1 }));
      const before = inline(outline(document.store));
      document.by("ann", operations);
      expect(inline(outline(document.store))).toBe(before);
      expect(document.events[1]?.ops.length).toBe(2);
    }
  });

  it("T12 its author gets the receipts all the same", () => {
    expect(unchanged(update("gone", {}, ["x"]))).toEqual({ removed: ["gone"] });
    expect(unchanged([update("elsewhere", {}), update("q", {})])).toEqual({ removed: ["elsewhere", "q"] });
    expect(unchanged(move("b", "gone"))).toEqual({ redirected: ["b"] });
    expect(unchanged(move("c", "q", { after: "unheard" }))).toEqual({ redirected: ["c"] });
    expect(unchanged([move("c", "p", { after: "c" }), update("p", {})])).toEqual({ redirected: ["c"], removed: ["p"] });
  });

  it("T12 one operation that changes something makes it an event, of that alone", () => {
    const document = openDocument(START);
    document.by("ann", [move("a", "root", { after: null }), insert("n", "x"), update("b", {}), move("n", "x")]);
    expect(document.events.map(({ ops, inverse }) => [ops, inverse])).toEqual([
      [
        [{ op: "insert", node: { id: "n", type: "item" }, parent: "x", after: null }],
        [{ op: "remove", id: "n", was: null }],
      ],
    ]);
  });

  it("T12 what is restored to where it stood is an event: it is alive again", () => {
    expect(isEvent(move("gone", "root", { after: "gone" }))).toBe(true);
    const document = openDocument(START);
    document.by("bob", remove("q"));
    document.by("bob", remove("p"));
    document.by("ann", move("q", "p", { after: "q" }));
    expect(document.events).toHaveLength(3);
  });
});
