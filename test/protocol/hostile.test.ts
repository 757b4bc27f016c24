import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byteLength,
  decodeClientMessage,
  decodeCreate,
  decodeMutation,
  decodeNode,
  LIMITS,
} from "../../src/protocol/index.ts";
import { runs } from "../support/seed.ts";
import { decode, decodeOnly, fine, nested, problemIn, problemOf } from "./frames.ts";

describe("what is hostile or strange", { timeout: 60_000 }, () => {
  it("W5 what is accepted over RPC is JSON", () => {
    for (const bad of [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      Symbol("s"),
      () => 1,
      new Date(),
      new Map(),
      [undefined],
    ]) {
      expect(problemOf({ op: "update", id: "a", attrs: { x: bad } })).toMatchObject({ code: "invalid", op: 0 });
      expect(problemIn(decodeMutation({ ops: [], meta: { x: bad } }))).toMatchObject({ code: "invalid" });
    }
  });

  it("W5 a problem is told in a few words, however long what it is about: a rejection is kept and sent again", () => {
    const long = "x".repeat(100_000);
    const problems = {
      op: problemOf({ op: long }),
      id: problemOf({ op: "remove", id: long }),
      key: problemOf({ op: "update", id: "a", attrs: { [long]: 1 } }),
      attrs: problemOf({ op: "update", id: "a", attrs: long }),
      node: problemOf({ op: "insert", parent: "a", node: long }),
      base: problemIn(decodeMutation({ ops: [], base: long })),
      ops: problemIn(decodeMutation({ ops: long })),
      type: problemIn(decode({ type: long })),
      count: problemIn(decode({ type: "sync", n: long })),
      json: problemIn(decodeClientMessage(`{"type":"leave"}${long}`)),
    };
    const wordy = Object.entries(problems).filter(([, problem]) => problem === null || problem.message.length > 1_000);
    expect(wordy.map(([what]) => what)).toEqual([]);
  });
});

describe("W6, T11: depth", () => {
  const brackets = (depth: number) => "[".repeat(depth);

  it("W3 1 MiB of brackets", () => {
    expect(problemIn(decodeClientMessage(brackets(LIMITS.frameBytes)))).toMatchObject({ code: "protocol" });
    const closed = brackets(LIMITS.frameBytes / 2) + "]".repeat(LIMITS.frameBytes / 2);
    expect(problemIn(decodeClientMessage(closed))).toMatchObject({ code: "protocol" });
    const objects = `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`;
    expect(problemIn(decodeClientMessage(objects))).toMatchObject({ code: "protocol" });
  });

  it("W3 a field that nobody knows may be as deep as it likes", () => {
    const deep = `${brackets(100_000)}${"]".repeat(100_000)}`;
    expect(decodeClientMessage(`{"type":"leave","more":${deep}}`)).toEqual({ ok: true, value: { type: "leave" } });
  });

  it("W6 a value 100 000 deep in an attribute, in meta, in presence", () => {
    const deep = `${'[{"a":'.repeat(50_000)}1${"}]".repeat(50_000)}`;
    const mutate = (fields: string) => decodeClientMessage(`{"type":"mutate","mutations":[{"mutation":1,${fields}}]}`);
    const refused = { ok: true, value: { mutations: [{ problem: { code: "invalid" } }] } };
    expect(mutate(`"ops":[{"op":"update","id":"a","attrs":{"x":${deep}}}]`)).toMatchObject(refused);
    expect(mutate(`"ops":[{"op":"insert","parent":"a","node":{"type":"item","attrs":{"x":${deep}}}}]`)).toMatchObject(
      refused,
    );
    expect(mutate(`"ops":[],"meta":{"x":${deep}}`)).toMatchObject(refused);
    expect(mutate(`"ops":[],"base":${deep}`)).toMatchObject(refused);
    expect(mutate(`"ops":${deep}`)).toMatchObject(refused);
    expect(problemIn(decodeClientMessage(`{"type":"presence","data":${deep}}`))).toMatchObject({ code: "protocol" });
  });

  /** So many levels below the top. */
  const nest = (levels: number) =>
    JSON.parse(`${'{"type":"item","children":['.repeat(levels)}{"type":"item"}${"]}".repeat(levels)}`);

  it("T11 children nest as deep as the limit says, and then all of them are there", () => {
    const decoded = decodeNode(nest(1_000), { nodes: 2_000, message: "too many", depth: 1_000 });
    let nodes = 0;
    for (let open = decoded.ok ? decoded.value : undefined; open; open = open.children?.[0]) nodes++;
    expect(nodes).toBe(1_001);
  });

  it("T11 what would stand more than 1 000 levels below the root is refused at the border", () => {
    expect(problemIn(decodeCreate({ tree: nest(1_000) }))).toBe(null);
    expect(problemIn(decodeCreate({ tree: nest(1_001) }))).toMatchObject({ code: "tooDeep" });
    // The root is one level above.
    const inserting = (levels: number) => ({ op: "insert", parent: "a", node: nest(levels) });
    expect(problemOf(fine, inserting(999))).toBe(null);
    expect(problemOf(fine, inserting(1_000))).toMatchObject({ code: "tooDeep", op: 1 });
    expect(problemOf(fine, inserting(100_000))).toMatchObject({ code: "tooDeep", op: 1 });
  });
});

describe("W6: the key __proto__", () => {
  it.each(['{"__proto__":1}', '{"a":{"__proto__":{}}}', '{"a":[1,{"b":[{"__proto__":null}]}]}'])(
    "W6 %s is refused",
    (text) => {
      const value: unknown = JSON.parse(text);
      expect(problemOf(fine, { op: "update", id: "a", attrs: value })).toMatchObject({ code: "invalid", op: 1 });
      const child = { type: "item", attrs: value };
      expect(problemOf({ op: "insert", parent: "a", node: { type: "item", children: [child] } })).toMatchObject({
        code: "invalid",
        op: 0,
      });
      expect(decodeOnly({ ops: [], meta: value })).toMatchObject({
        code: "invalid",
        message: expect.stringContaining("__proto__"),
      });
      expect(problemIn(decode({ type: "presence", data: value }))).toMatchObject({ code: "protocol" });
      expect(problemIn(decode({ type: "join", protocol: 2, client: "ann", presence: value }))).toMatchObject({
        code: "protocol",
      });
    },
  );

  it("W6 as a field of the message itself it is unknown, and ignored", () => {
    const frame = '{"type":"join","protocol":2,"client":"ann","__proto__":{"seq":5}}';
    expect(decodeClientMessage(frame)).toEqual({ ok: true, value: { type: "join", protocol: 2, client: "ann" } });
    const hidden = '{"protocol":2,"client":"ann","__proto__":{"type":"join"}}';
    expect(problemIn(decodeClientMessage(hidden))).toMatchObject({ code: "protocol" });
  });
});

describe("byteLength", { timeout: 60_000 }, () => {
  it("is what the text takes as UTF-8, lone surrogates included", () => {
    const utf8 = new TextEncoder();
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(byteLength(value)).toBe(utf8.encode(value).length);
        expect(byteLength(value)).toBe(Buffer.byteLength(value));
      }),
      runs(2_000),
    );
    for (const value of ["\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff"]) {
      expect(byteLength(value)).toBe(Buffer.byteLength(value));
    }
    for (const value of [
      "\ud800",
      "\udc00",
      "\udc00\ud800",
      "\udc00\udc00",
      "\udbff\udfff",
      "\ud800\ud800\udc00",
      "\ud83d\ude00\ud83d",
    ])
      expect(byteLength(value)).toBe(Buffer.byteLength(value));
  });
});

it("the depths of these tests are what they say", () => {
  expect(JSON.stringify(nested(2))).toBe('{"key":[0]}');
});
