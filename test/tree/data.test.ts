import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  branch,
  checkTree,
  createAssembly,
  flatten,
  fromData,
  fromRows,
  type Json,
  type MapStore,
  type NodeData,
  type NodeId,
  type NodeRow,
  nodeText,
  toData,
  toRows,
  toText,
} from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { insert, item, move, openDocument, remove } from "./document.ts";
import { fromOutline, outline, recordsText } from "./outline.ts";

const noId = (): NodeId => {
  throw new Error("every id is given");
};

/** Trees with every id given, distinct, and nothing empty. Keys and ids that objects inherit are among them. */
const wholeTree: fc.Arbitrary<NodeData> = fc
  .array(
    fc.record({
      id: fc.oneof(
        fc.stringMatching(/^[A-Za-z0-9._~:-]{1,8}$/),
        fc.constantFrom("__proto__", "constructor", "toString"),
      ),
      under: fc.nat(),
      type: fc.string({ minLength: 1 }),
      attrs: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
    }),
    { minLength: 1, maxLength: 60, size: "max" },
  )
  .map((list) => {
    type Open = { id: string; type: string; attrs?: Record<string, Json>; children?: Open[] };
    const nodes: Open[] = [];
    for (const { id, under, type, attrs } of list) {
      if (nodes.some((node) => node.id === id)) continue;
      // Through JSON, as all data comes: no undefined and no negative zero.
      const node: Open = {
        id,
        type,
        ...(Object.keys(attrs).length > 0 && { attrs: JSON.parse(JSON.stringify(attrs)) }),
      };
      const parent = nodes[under % nodes.length];
      if (parent) {
        parent.children ??= [];
        parent.children.push(node);
      }
      nodes.push(node);
    }
    return nodes[0] ?? item("root");
  });

describe("T10: plain data round-trips", { timeout: 60_000 }, () => {
  it("T10 through a store: toData(fromData(data)) is data, and so is toText, parsed", () => {
    const same = (data: NodeData) => {
      const store = fromData(data, noId);
      expect(checkTree(store, store.records())).toEqual([]);
      expect(toData(store)).toEqual(data);
      expect(JSON.parse([...toText(store, store.root)].join(""))).toEqual(data);
    };
    fc.assert(fc.property(wholeTree, same), runs(150));
  });

  it("T10 through the rows of a snapshot, as JSON and in any order", () => {
    const same = (data: NodeData, order: number[]) => {
      const store = fromData(data, noId);
      const rows: NodeRow[] = JSON.parse(JSON.stringify([...toRows(store)]));
      const keyed = rows.map((row, index) => ({ row, key: order[index % order.length] ?? 0 }));
      const again = fromRows(keyed.sort((a, b) => a.key - b.key).map(({ row }) => row));
      // Rows do not say how deep what is below has ever been.
      const flat = (of: MapStore) =>
        recordsText(
          of.size,
          Array.from(of.records(), (record) => ({ ...record, height: 0 })),
        );
      expect(flat(again)).toBe(flat(store));
      expect([...toRows(again)]).toEqual(rows);
    };
    fc.assert(fc.property(wholeTree, fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), same), runs(150));
  });

  it("T10 put together from texts of its nodes in any order, beside others that hang nowhere, it is the same text", () => {
    const same = (data: NodeData, order: number[]) => {
      const store = fromData(data, noId);
      const stray = { id: "stray!", parent: "nowhere!", prev: null, type: "x", attrs: "{}" };
      const behind = { ...stray, id: "behind!", prev: "stray!" };
      const texts = [...Array.from(branch(store, store.root), nodeText), stray, behind];
      const keyed = texts.map((text, index) => ({ text, key: order[index % order.length] ?? 0 }));
      const assembly = createAssembly();
      for (const { text } of keyed.sort((a, b) => a.key - b.key)) assembly.add(text);
      expect([...assembly.text(store.root)]).toEqual([...toText(store, store.root)]);
    };
    fc.assert(fc.property(wholeTree, fc.array(fc.nat(), { minLength: 1 }), same), runs(150));
  });

  it("T10 what is empty is left out on the way back", () => {
    const store = fromData({ id: "root", type: "page", attrs: {}, children: [] }, noId);
    expect(toData(store)).toEqual({ id: "root", type: "page" });
  });

  it("T5 a missing id is generated, level by level, and parents come before their children", () => {
    let next = 0;
    const data: NodeData = {
      type: "a",
      children: [
        { type: "b", children: [{ type: "d" }] },
        { id: "x", type: "c" },
      ],
    };
    const flat = flatten(data, () => `n${++next}`);
    expect(flat.map(({ id, parent, after }) => [id, parent, after])).toEqual([
      ["n1", "", null],
      ["n2", "n1", null],
      ["x", "n1", "n2"],
      ["n3", "n2", null],
    ]);
  });

  it("T5 an inserted tree comes out as one insert a node, with exact places", () => {
    const document = openDocument("root\n  a");
    document.by("ann", insert("n", "root", { before: "a" }, [item("m", item("l")), item("o")]));
    expect(document.events[0]?.ops).toEqual([
      { op: "insert", node: { id: "n", type: "item" }, parent: "root", after: null },
      { op: "insert", node: { id: "m", type: "item" }, parent: "n", after: null },
      { op: "insert", node: { id: "o", type: "item" }, parent: "n", after: "m" },
      { op: "insert", node: { id: "l", type: "item" }, parent: "m", after: null },
    ]);
    expect(document.events[0]?.inverse).toEqual([{ op: "remove", id: "n", was: null }]);
  });
});

describe("reading a part", () => {
  const store = fromData(fromOutline("root\n  a\n    b\n      c\n    d\n  e\n    f\n      g"), noId);
  const text = (id: NodeId, depth?: number) => JSON.parse([...toText(store, id, depth)].join(""));

  it("toData and toText give the subtree of a node", () => {
    expect(toData(store, "a")).toEqual(item("a", item("b", item("c")), item("d")));
    expect(text("a")).toEqual(toData(store, "a"));
    expect(text("g")).toEqual(item("g"));
    expect(text("c", 0)).toEqual(item("c"));
  });

  it("toText leaves out what is deeper, and says where", () => {
    const cut = (id: string) => ({ ...item(id), truncated: true });
    expect(text("root", 0)).toEqual(cut("root"));
    expect(text("root", 1)).toEqual(item("root", cut("a"), cut("e")));
    expect(text("root", 2)).toEqual(item("root", item("a", cut("b"), item("d")), item("e", cut("f"))));
    expect(text("root", 3)).toEqual(toData(store));
    expect(text("a", 1)).toEqual(item("a", cut("b"), item("d")));
  });

  it("an unknown node is a bug of the caller", () => {
    expect(() => toData(store, "ghost")).toThrow("ghost");
    expect(() => [...toText(store, "ghost")]).toThrow("ghost");
  });

  it("rows are the live nodes, parents first", () => {
    const document = openDocument("root\n  a\n    b\n  c");
    document.by("ann", [remove("a"), move("b", "c")]);
    expect([...toRows(document.store)].map(([id, parent, prev]) => [id, parent, prev])).toEqual([
      ["root", null, null],
      ["c", "root", null],
      ["b", "c", null],
    ]);
  });
});

describe("data that is no tree", () => {
  const row = (id: string, parent: string | null, prev: string | null = null): NodeRow => [
    id,
    parent,
    prev,
    "item",
    {},
  ];

  it("T2 fromData throws if an id stands in it twice", () => {
    expect(() => fromData(item("root", item("a"), item("b", item("a"))), noId)).toThrow("a");
    expect(() => fromData(item("root", item("root")), noId)).toThrow("root");
  });

  it.each([
    ["nothing", []],
    ["no root", [row("a", "b"), row("b", "a")]],
    ["a missing parent", [row("root", null), row("a", "ghost")]],
    ["a missing prev", [row("root", null), row("a", "root", "ghost")]],
    ["two roots", [row("root", null), row("other", null)]],
    ["two first children", [row("root", null), row("a", "root"), row("b", "root")]],
    ["two nodes after one", [row("root", null), row("a", "root"), row("b", "root", "a"), row("c", "root", "a")]],
    ["a prev under another parent", [row("root", null), row("a", "root"), row("b", "a", "a")]],
    ["a cycle beside the root", [row("root", null), row("a", "b"), row("b", "a")]],
  ])("fromRows throws on %s", (_name, rows) => {
    expect(() => fromRows(rows)).toThrow();
  });

  it("S8 a row that comes twice counts once, in any order", () => {
    const rows = [row("root", null), row("a", "root"), row("b", "root", "a")];
    for (const list of [[...rows, ...rows], [...rows.toReversed(), ...rows], rows.flatMap((each) => [each, each])]) {
      const store = fromRows(list);
      expect(outline(store)).toBe("root\n  a\n  b");
      expect(checkTree(store, store.records())).toEqual([]);
    }
  });

  it("ids and attributes that objects inherit are like any others", () => {
    const document = openDocument(item("root", item("__proto__"), item("constructor")));
    document.by("ann", [
      { op: "update", id: "__proto__", attrs: { constructor: 1, toString: 2 } },
      { op: "update", id: "__proto__", unset: ["toString", "hasOwnProperty"] },
      move("constructor", "__proto__"),
    ]);
    expect(outline(document.store)).toBe("root\n  __proto__ constructor=1\n    constructor");
    expect(document.events[0]?.inverse).toContainEqual({
      op: "update",
      id: "__proto__",
      unset: ["constructor", "toString"],
    });
  });
});
