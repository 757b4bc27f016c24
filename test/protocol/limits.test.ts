import { describe, expect, it } from "vitest";
import { attrsProblem, byteLength, decodeClientMessage, decodeMutation, LIMITS } from "../../src/protocol/index.ts";
import { decode, decodeOnly, fine, nested, problemIn, problemOf } from "./frames.ts";

const KiB = 1024;

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k${index}`);
}

function inserting(...nodes: unknown[]): unknown {
  return { op: "insert", node: { type: "item", children: nodes }, parent: "a" };
}

describe("W4: the size of a frame", () => {
  const frame = (bytes: number, filler: string) => {
    const head = '{"type":"leave","filler":"';
    const space = bytes - head.length - 2;
    const width = byteLength(filler);
    return `${head}${filler.repeat(Math.floor(space / width))}${"x".repeat(space % width)}"}`;
  };

  it.each(["x", "é", "漢", "😀"])("W4 a frame of 1 MiB of %s is taken, one byte more is tooLarge", (filler) => {
    expect(new TextEncoder().encode(frame(1_048_576, filler)).length).toBe(LIMITS.frameBytes);
    expect(decodeClientMessage(frame(1_048_576, filler)).ok).toBe(true);
    expect(problemIn(decodeClientMessage(frame(1_048_577, filler)))).toMatchObject({ code: "tooLarge" });
  });

  it("W4 the size is looked at before the text is", () => {
    expect(problemIn(decodeClientMessage("x".repeat(1_048_577)))).toMatchObject({ code: "tooLarge" });
    expect(problemIn(decodeClientMessage("x".repeat(1_048_576)))).toMatchObject({ code: "protocol" });
  });
});

describe("the limits of a frame, each with what is one too many", () => {
  it("W3 256 mutations", () => {
    const frame = (count: number) => ({
      type: "mutate",
      mutations: Array.from({ length: count }, (_, index) => ({ mutation: index + 1, ops: [] })),
    });
    expect(decode(frame(256)).ok).toBe(true);
    expect(problemIn(decode(frame(257)))).toMatchObject({
      code: "protocol",
      message: expect.stringMatching(/^mutations: /),
    });
  });

  it("W3 presence of 4 KiB, in bytes", () => {
    for (const [unit, width] of [
      ["x", 1],
      ["é", 2],
      ["\\", 2],
    ] as const) {
      const most = unit.repeat((4 * KiB - 2) / width);
      for (const message of [{ type: "presence" }, { type: "join", protocol: 2, client: "ann" }]) {
        const field = message.type === "join" ? "presence" : "data";
        expect(decode({ ...message, [field]: most }).ok).toBe(true);
        const problem = problemIn(decode({ ...message, [field]: `${most}x` }));
        expect(problem).toMatchObject({ code: "protocol", message: expect.stringMatching(`^${field}: `) });
      }
    }
  });

  it("W6 presence that nests 64 deep", () => {
    expect(decode({ type: "presence", data: nested(64) }).ok).toBe(true);
    expect(problemIn(decode({ type: "presence", data: nested(65) }))).toMatchObject({ code: "protocol" });
    const join = { type: "join", protocol: 2, client: "ann" };
    expect(decode({ ...join, presence: nested(64) }).ok).toBe(true);
    expect(problemIn(decode({ ...join, presence: nested(65) }))).toMatchObject({ code: "protocol" });
  });
});

describe("the limits of a mutation, each with what is one too many", () => {
  it("W5 10 000 operations: one more is tooLarge, whatever they are", () => {
    expect(problemIn(decodeMutation({ ops: Array(10_000).fill(fine) }))).toBeNull();
    expect(problemIn(decodeMutation({ ops: Array(10_001).fill(fine) }))).toMatchObject({ code: "tooLarge" });
    expect(problemIn(decodeMutation({ ops: Array(10_001).fill(null) }))).toMatchObject({ code: "tooLarge" });
  });

  it("W5 10 000 nodes, counted over all operations; the one at fault is named", () => {
    const some = (count: number) => inserting(...Array(count - 1).fill({ type: "item" }));
    expect(problemOf(some(10_000))).toBeNull();
    expect(problemOf(some(10_001))).toMatchObject({ code: "tooLarge", op: 0 });
    expect(problemOf(some(4_000), fine, some(6_000))).toBeNull();
    expect(problemOf(some(4_000), fine, some(6_001))).toMatchObject({ code: "tooLarge", op: 2 });
    expect(problemOf(some(10_000), fine, inserting())).toMatchObject({ code: "tooLarge", op: 2 });
  });

  it("W5 X20 10 000 changes in an edit", () => {
    const edit = (count: number) => ({ op: "edit", id: "a", attr: "text", changes: Array(count).fill(1) });
    expect(problemOf(edit(10_000))).toBeNull();
    expect(problemOf(fine, edit(10_001))).toMatchObject({ code: "tooLarge", op: 1 });
  });

  it("W5 a type of 128 characters, and a key of 128", () => {
    const [most, over] = ["x".repeat(128), "x".repeat(129)];
    expect(problemOf({ op: "insert", node: { type: most, attrs: { [most]: 1 } }, parent: "a" })).toBeNull();
    expect(problemOf({ op: "update", id: "a", type: most, attrs: { [most]: 1 } })).toBeNull();
    expect(problemOf({ op: "update", id: "a", unset: [most] })).toBeNull();
    const refused = (field: string, ...ops: unknown[]) => {
      expect(problemOf(...ops)).toMatchObject({ code: "invalid", op: 0, message: expect.stringMatching(`^${field}`) });
    };
    refused("node.type", { op: "insert", node: { type: over }, parent: "a" });
    refused("node.attrs", { op: "insert", node: { type: "item", attrs: { [over]: 1 } }, parent: "a" });
    refused("type", { op: "update", id: "a", type: over });
    refused("attrs", { op: "update", id: "a", attrs: { [over]: 1 } });
    refused("unset.0", { op: "update", id: "a", unset: [over] });
  });

  it("W5 256 attributes of an inserted node, at the top or below", () => {
    const node = (count: number) => ({ type: "item", attrs: Object.fromEntries(keys(count).map((key) => [key, 1])) });
    expect(problemOf(inserting(node(256)))).toBeNull();
    expect(problemOf(inserting(node(257)))).toMatchObject({ code: "tooLarge", op: 0 });
    expect(problemOf(fine, { op: "insert", node: node(257), parent: "a" })).toMatchObject({ code: "tooLarge", op: 1 });
  });

  it("W5 256 attributes unset at once", () => {
    expect(problemOf({ op: "update", id: "a", unset: keys(256) })).toBeNull();
    expect(problemOf({ op: "update", id: "a", unset: keys(257) })).toMatchObject({ op: 0 });
  });

  it("W6 an attribute that nests 64 deep", () => {
    expect(problemOf({ op: "update", id: "a", attrs: { x: 1, y: nested(64) } })).toBeNull();
    expect(problemOf({ op: "update", id: "a", attrs: { x: 1, y: nested(65) } })).toMatchObject({
      code: "invalid",
      op: 0,
    });
    expect(problemOf(inserting({ type: "item", attrs: { y: nested(64) } }))).toBeNull();
    expect(problemOf(inserting({ type: "item", attrs: { y: nested(65) } }))).toMatchObject({ code: "invalid", op: 0 });
  });

  it("W6 meta that nests 64 deep, itself counted", () => {
    expect(decodeOnly({ ops: [], meta: { x: nested(63) } })).toEqual({ ops: [], meta: { x: nested(63) } });
    expect(decodeOnly({ ops: [], meta: { x: nested(64) } })).toMatchObject({ code: "invalid" });
  });

  it("W5 meta of 4 KiB, in bytes", () => {
    const most = { x: "é".repeat((4 * KiB - 8) / 2) };
    expect(byteLength(JSON.stringify(most))).toBe(LIMITS.metaBytes);
    expect(decodeOnly({ ops: [], meta: most })).toEqual({ ops: [], meta: most });
    expect(decodeOnly({ ops: [], meta: { x: `${most.x}x` } })).toMatchObject({
      code: "invalid",
      message: expect.stringMatching("^meta: "),
    });
  });
});

describe("attrsProblem: the size of a node", () => {
  const overhead = '{"x":""}'.length;

  it.each([
    ["ascii", "x", 1],
    ["two bytes", "é", 2],
    ["three bytes", "漢", 3],
    ["four bytes", "😀", 4],
    ["escaped", '"', 2],
    ["a control character", "\u0001", 6],
    ["half a pair, which JSON escapes", "\ud800", 6],
  ])("1 MiB of attributes is taken, one byte more is not: %s", (_name, unit, width) => {
    const space = LIMITS.nodeBytes - overhead;
    const most = unit.repeat(Math.floor(space / width)) + "x".repeat(space % width);
    expect(new TextEncoder().encode(JSON.stringify({ x: most })).length).toBe(LIMITS.nodeBytes);
    expect(attrsProblem({ x: most })).toBeNull();
    expect(attrsProblem({ x: `${most}x` })).toContain(`${LIMITS.nodeBytes + 1} bytes`);
    expect(attrsProblem({ x: [most.slice(0, -2)] })).toBeNull();
  });

  it("what is in arrays and objects counts", () => {
    const half = "x".repeat(LIMITS.nodeBytes / 2);
    expect(attrsProblem({ x: [half], y: { z: half } })).toContain("bytes");
    expect(attrsProblem({ x: [half], y: { z: "" } })).toBeNull();
    expect(attrsProblem({ x: ["漢".repeat(LIMITS.nodeBytes / 3)] })).toContain("bytes");
    expect(attrsProblem({ x: { ["漢".repeat(LIMITS.nodeBytes / 3)]: 1 } })).toContain("bytes");
  });

  it("what keys take counts, however many they are and however they are written", () => {
    // 256 keys of two characters that JSON writes as six bytes each, and a value that fills what they leave.
    const names = Array.from({ length: 256 }, (_, index) =>
      String.fromCharCode(1 + (index % 31), 1 + Math.floor(index / 31)),
    );
    const attrs = Object.fromEntries(names.map((name) => [name, ""]));
    const left = LIMITS.nodeBytes - byteLength(JSON.stringify(attrs));
    const full = { ...attrs, [names[0] ?? ""]: "\u0001".repeat(Math.floor(left / 6)) };
    expect(attrsProblem(full)).toBeNull();
    const over = { ...attrs, [names[0] ?? ""]: "\u0001".repeat(Math.floor(left / 6) + 1) };
    expect(byteLength(JSON.stringify(over))).toBeGreaterThan(LIMITS.nodeBytes);
    expect(attrsProblem(over)).not.toBeNull();
  });

  it("so does a null", () => {
    const attrs = { "\u0001": "\u0001".repeat(174_759), "\u0002": null };
    expect(byteLength(JSON.stringify(attrs))).toBe(LIMITS.nodeBytes + 5);
    expect(attrsProblem(attrs)).not.toBeNull();
  });
});
