import { describe, expect, it } from "vitest";
import { decodeClientMessage } from "../../src/protocol/index.ts";
import { decode, decodeOnly, fine, problemIn, problemOf } from "./frames.ts";

describe("W76: a whole number that would be rounded", () => {
  it("ends its mutation and no other, and stays out of what is ignored", () => {
    const update = (value: string) => `{"op":"update","id":"a","attrs":{"n":${value}}}`;
    const bodies = ["1", "9007199254740993"].map(
      (n, at) => `{"mutation":${at + 1},"ops":[${update(n)}],"x":9007199254740993}`,
    );
    const decoded = decodeClientMessage(`{"type":"mutate","mutations":[${bodies}]}`);
    expect(decoded).toMatchObject({
      value: { mutations: [{ ops: [{ attrs: { n: 1 } }] }, { mutation: 2, problem: { code: "invalid", op: 0 } }] },
    });
    expect(JSON.stringify(decoded)).toContain("is sent as a text");
  });
});

describe("W3: a frame that cannot be understood", () => {
  it.each([
    ["nothing", ""],
    ["no JSON", "hello"],
    ["half of it", '{"type":"leave"'],
    ["more than one value", '{"type":"leave"}{"type":"leave"}'],
    ["a literal that JSON lacks", '{"type":"sync","n":NaN}'],
    ["a byte order mark", '\ufeff{"type":"leave"}'],
  ])("W3 is a protocol error: %s", (_name, frame) => {
    expect(problemIn(decodeClientMessage(frame))).toMatchObject({ code: "protocol" });
    expect(problemIn(decodeClientMessage(frame))?.message).toMatch(/^not JSON/);
  });

  const join = { type: "join", protocol: 2, client: "ann" };
  it.each<[message: unknown, field: string]>([
    [null, "the message"],
    [7, "the message"],
    ["leave", "the message"],
    [[], "type"],
    [{}, "type"],
    [{ type: 1 }, "type"],
    [{ type: "Leave" }, "type"],
    [{ type: "toString" }, "type"],
    [{ type: "welcome" }, "type"],
    [{ ...join, protocol: undefined }, "protocol"],
    [{ ...join, protocol: "1" }, "protocol"],
    [{ ...join, protocol: 2.5 }, "protocol"],
    [{ ...join, protocol: -1 }, "protocol"],
    [{ ...join, client: undefined }, "client"],
    [{ ...join, client: 1 }, "client"],
    [{ ...join, client: null }, "client"],
    [{ ...join, client: "a b" }, "client"],
    [{ ...join, client: "" }, "client"],
    [{ ...join, incarnation: 1 }, "incarnation"],
    [{ ...join, incarnation: null }, "incarnation"],
    [{ ...join, seq: null }, "seq"],
    [{ ...join, seq: "1" }, "seq"],
    [{ ...join, seq: -1 }, "seq"],
    [{ ...join, seq: 2 ** 53 }, "seq"],
    [{ type: "mutate" }, "mutations"],
    [{ type: "mutate", mutations: {} }, "mutations"],
    [{ type: "mutate", mutations: [{ mutation: 1, ops: [] }, null] }, "mutations[1]"],
    [{ type: "mutate", mutations: [{ ops: [] }] }, "mutations[0].mutation"],
    [{ type: "mutate", mutations: [{ mutation: 0, ops: [] }] }, "mutations[0].mutation"],
    [{ type: "mutate", mutations: [{ mutation: "1", ops: [] }] }, "mutations[0].mutation"],
    [{ type: "mutate", mutations: [{ mutation: 1.5, ops: [] }] }, "mutations[0].mutation"],
    [{ type: "presence" }, "data"],
    [{ type: "sync" }, "n"],
    [{ type: "sync", n: null }, "n"],
    [{ type: "sync", n: -1 }, "n"],
  ])("W3 %j: a protocol error that names %s", (message, field) => {
    const problem = problemIn(decode(message));
    expect(problem?.code).toBe("protocol");
    expect(problem?.message.startsWith(`${field}: `), problem?.message).toBe(true);
  });

  it("W3 unknown fields are ignored, everywhere", () => {
    expect(decode({ ...join, more: [1], presence: null })).toEqual({ ok: true, value: { ...join, presence: null } });
    expect(decode({ type: "leave", ops: 1 })).toEqual({ ok: true, value: { type: "leave" } });
    const node = { type: "item", children: [{ type: "item", extra: 1 }], extra: {} };
    const ops = [
      { ...fine, extra: 1 },
      { op: "insert", node, parent: "a", extra: null },
    ];
    expect(decodeOnly({ ops, extra: 1 })).toEqual({
      ops: [fine, { op: "insert", node: { type: "item", children: [{ type: "item" }] }, parent: "a" }],
    });
  });
});

describe("W5: a mutation that is malformed", () => {
  it.each<[fields: object, field: string]>([
    [{}, "ops"],
    [{ ops: null }, "ops"],
    [{ ops: {} }, "ops"],
    [{ ops: [], base: null }, "base"],
    [{ ops: [], base: -1 }, "base"],
    [{ ops: [], base: "1" }, "base"],
    [{ ops: [], base: 0.5 }, "base"],
    [{ ops: [], meta: null }, "meta"],
    [{ ops: [], meta: [] }, "meta"],
    [{ ops: [], meta: "text" }, "meta"],
  ])("W5 %j: invalid, and names %s", (fields, field) => {
    const problem = decodeOnly(fields);
    expect(problem).toMatchObject({ code: "invalid", message: expect.stringMatching(`^${field}: `) });
    expect(problem).not.toHaveProperty("op");
  });

  const insert = (node: unknown) => ({ op: "insert", node, parent: "a" });
  it.each<[operation: unknown, field: string]>([
    [{}, "op"],
    [{ op: 1 }, "op"],
    [{ op: "delete", id: "a" }, "op"],
    [{ op: "constructor" }, "op"],
    [{ op: "insert", parent: "a" }, "node"],
    [{ op: "insert", node: { type: "item" } }, "parent"],
    [{ op: "insert", node: { type: "item" }, parent: null }, "parent"],
    [{ op: "insert", node: { type: "item" }, parent: "a b" }, "parent"],
    [{ op: "insert", node: { type: "item" }, parent: "a", after: 1 }, "after"],
    [{ op: "insert", node: { type: "item" }, parent: "a", after: "" }, "after"],
    [{ op: "insert", node: { type: "item" }, parent: "a", before: "ü" }, "before"],
    [insert(null), "node"],
    [insert([]), "node.type"],
    [insert({}), "node.type"],
    [insert({ type: "" }), "node.type"],
    [insert({ type: 1 }), "node.type"],
    [insert({ type: "item", id: 1 }), "node.id"],
    [insert({ type: "item", id: null }), "node.id"],
    [insert({ type: "item", id: "a/b" }), "node.id"],
    [insert({ type: "item", attrs: [] }), "node.attrs"],
    [insert({ type: "item", attrs: null }), "node.attrs"],
    [insert({ type: "item", children: {} }), "node.children"],
    [insert({ type: "item", children: null }), "node.children"],
    [insert({ type: "item", children: [1] }), "node"],
    [insert({ type: "item", children: [{ type: "item", children: [{ type: "item", id: "" }] }] }), "node.id"],
    [{ op: "move", parent: "b" }, "id"],
    [{ op: "move", id: "a" }, "parent"],
    [{ op: "move", id: "a", parent: "b", after: {} }, "after"],
    [{ op: "move", id: "a", parent: "b", before: "a\n" }, "before"],
    [{ op: "update" }, "id"],
    [{ op: "update", id: "a", attrs: "x" }, "attrs"],
    [{ op: "update", id: "a", unset: "x" }, "unset"],
    [{ op: "update", id: "a", unset: ["x", 1] }, "unset.1"],
    [{ op: "update", id: "a", type: "" }, "type"],
    [{ op: "update", id: "a", type: null }, "type"],
    [{ op: "update", id: "a", attrs: { x: 1, y: 2 }, unset: ["z", "y"] }, "attribute y"],
    [{ op: "remove" }, "id"],
    [{ op: "remove", id: ["a"] }, "id"],
    [{ op: "edit", attr: "text", changes: [] }, "id"],
    [{ op: "edit", id: "a", changes: [] }, "attr"],
    [{ op: "edit", id: "a", attr: "x".repeat(129), changes: [] }, "attr"],
    [{ op: "edit", id: "a", attr: "text" }, "changes"],
    [{ op: "edit", id: "a", attr: "text", changes: "x" }, "changes"],
    [{ op: "edit", id: "a", attr: "text", changes: [1, null] }, "changes: entry 1"],
    [{ op: "edit", id: "a", attr: "text", changes: [0.5] }, "changes: entry 0"],
    [{ op: "edit", id: "a", attr: "text", changes: ["x", 2, "\ud83d"] }, "changes: entry 2"],
    [{ op: "edit", id: "a", attr: "text", changes: [1, [2]] }, "changes: entry 1"],
    [{ op: "edit", id: "a", attr: "text", changes: [Number.NaN] }, "changes: entry 0"],
    [{ op: "edit", id: "a", attr: "text", changes: [{ length: 1 }] }, "changes: entry 0"],
    [{ op: "split", id: "a", attr: "text", at: "1", node: { type: "item" } }, "at"],
    [{ op: "split", id: "a", attr: "text", at: Number.POSITIVE_INFINITY, node: { type: "item" } }, "at"],
    [{ op: "join", id: "a", into: ["b"], attr: "text" }, "into"],
    [{ op: "mark", id: "a", attr: "text", from: -1, to: 2, key: "bold", value: true }, "from"],
    [{ op: "mark", id: "a", attr: "text", from: 1, to: 2.5, key: "bold", value: true }, "to"],
    [{ op: "mark", id: "a", attr: "text", from: 1, to: 2, value: true }, "key"],
    [{ op: "mark", id: "a", attr: "text", from: 1, to: 2, key: "x".repeat(129), value: true }, "key"],
    [{ op: "mark", id: "a", attr: "text", from: 1, to: 2, key: "bold" }, "value"],
    [{ op: "mark", id: "a", attr: "x".repeat(123), from: 1, to: 2, key: "bold", value: true }, "attr"],
    [{ op: "split", id: "a", attr: "text", at: -1, node: { type: "item" } }, "at"],
    [{ op: "split", id: "a", attr: "text", at: 1 }, "node"],
    [{ op: "split", id: "a", attr: "text", at: 1, node: {} }, "node.type"],
    [{ op: "split", id: "a", attr: "text", at: 1, node: { type: "item", attrs: { text: "" } } }, "node.attrs"],
    [{ op: "split", id: "a", attr: "text", at: 1, node: { type: "item", children: [fine] } }, "node"],
    [{ op: "split", id: "a", attr: "text", at: 1, node: { type: "item" }, head: false }, "head"],
    [{ op: "join", id: "a", attr: "text" }, "into"],
    [{ op: "join", id: "a", into: "b" }, "attr"],
  ])("W5 %j: invalid, names %s and the operation", (operation, field) => {
    const problem = problemOf(fine, fine, operation, {});
    expect(problem).toMatchObject({ code: "invalid", op: 2 });
    expect(problem?.message.startsWith(field), problem?.message).toBe(true);
  });

  it.each([null, 1, "remove", [fine]])("W5 %j is no operation", (operation) => {
    expect(problemOf(fine, operation)).toMatchObject({ code: "invalid", op: 1 });
  });

  it("W5 the rest of the frame is unaffected", () => {
    const mutations = [
      { mutation: 1, ops: [fine] },
      { mutation: 2, ops: [fine, { op: "remove" }] },
      { mutation: 3, base: 5, ops: [fine], meta: { why: "tidy" } },
    ];
    expect(decode({ type: "mutate", mutations })).toEqual({
      ok: true,
      value: {
        type: "mutate",
        mutations: [
          { mutation: 1, ops: [fine] },
          { mutation: 2, problem: { code: "invalid", op: 1, message: expect.stringMatching(/^id: /) } },
          { mutation: 3, base: 5, ops: [fine], meta: { why: "tidy" } },
        ],
      },
    });
  });

  it("W6 an id outside the alphabet: protocol in a join, invalid in a mutation", () => {
    for (const bad of ["", ".", "..", "a b", "a/b", "ü", "a\n", "a,b", "x".repeat(129)]) {
      expect(problemIn(decode({ type: "join", protocol: 2, client: bad }))).toMatchObject({ code: "protocol" });
      expect(problemOf({ op: "remove", id: bad })).toMatchObject({ code: "invalid", op: 0 });
    }
    for (const good of ["a", "...", ".a", "A-Z.a_z~0:9", "__proto__", "x".repeat(128)]) {
      expect(problemIn(decode({ type: "join", protocol: 2, client: good }))).toBeNull();
      expect(problemOf({ op: "remove", id: good })).toBeNull();
    }
  });

  it("W6 half of a surrogate pair in a type, which no storage takes as text", () => {
    for (const type of ["\ud800", "a\udc00", "\udc00\ud800"]) {
      expect(problemOf({ op: "update", id: "a", type })).toMatchObject({ code: "invalid", op: 0 });
      expect(problemOf({ op: "insert", node: { type }, parent: "a" })).toMatchObject({ code: "invalid", op: 0 });
    }
    expect(problemOf({ op: "update", id: "a", type: "\ud83d\ude00" })).toBeNull();
  });

  it("anchors may be null, in every operation that has them", () => {
    expect(problemOf({ op: "move", id: "a", parent: "b", after: null, before: null })).toBeNull();
    expect(problemOf({ op: "insert", node: { type: "item" }, parent: "b", after: null, before: null })).toBeNull();
  });
});
