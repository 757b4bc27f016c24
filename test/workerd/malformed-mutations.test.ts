import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import { insert, item, update } from "../tree/document.ts";
import { call, openDocument, stubOf, treeOf } from "./http-client.ts";
import { join } from "./socket-client.ts";

interface Row {
  readonly title: string;
  /** The fields of the mutation beside its counter, as JSON text. */
  readonly fields: string;
  readonly code?: "tooLarge";
  readonly op?: number;
}

const good = JSON.stringify(update("a", { x: "not to be seen" }));
/** A bad operation after a good one: that the whole is refused shows in the tree, that it is the second in `op`. */
const bad = (title: string, operation: unknown, code?: "tooLarge"): Row => {
  const text = typeof operation === "string" ? operation : JSON.stringify(operation);
  return { title, fields: `"ops":[${good},${text}]`, op: 1, ...(code && { code }) };
};
const whole = (title: string, fields: string, code?: "tooLarge"): Row => ({ title, fields, ...(code && { code }) });
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const attrs = (text: string) => `{"op":"update","id":"a","attrs":${text}}`;
const node = (text: string) => `{"op":"insert","parent":"root","node":${text}}`;
const big = "x".repeat(600 * 1024);

const rows: readonly Row[] = [
  whole("W5 no ops", '"x":1'),
  whole("W5 ops that are null", '"ops":null'),
  whole("W5 ops that are an object", '"ops":{"0":{"op":"remove","id":"a"},"length":1}'),
  whole("W5 a base of -1", `"base":-1,"ops":[${good}]`),
  whole("W5 a base of 1.5", `"base":1.5,"ops":[${good}]`),
  whole("W5 a base of 2^53", `"base":9007199254740992,"ops":[${good}]`),
  whole("W5 a base that is null", `"base":null,"ops":[${good}]`),
  whole("W5 meta that is a list", `"meta":[],"ops":[${good}]`),
  whole("W5 meta of more than 4 KiB", `"meta":{"x":"${"y".repeat(LIMITS.metaBytes)}"},"ops":[${good}]`),
  whole("W6 __proto__ in meta", `"meta":{"a":{"__proto__":{}}},"ops":[${good}]`),
  whole("W6 meta that nests 100 000 deep", `"meta":{"x":${nested(1e5)}},"ops":[${good}]`),
  whole("W5 10 001 operations", `"ops":[${Array(10_001).fill('{"op":"remove","id":"a"}').join(",")}]`, "tooLarge"),

  bad("W5 an operation that is null", null),
  bad("W5 an operation that is a list", []),
  bad("W5 an operation that nests 100 000 deep", nested(1e5)),
  bad("W5 an operation without a kind", { id: "a" }),
  bad("W5 an unknown operation", { op: "burn", id: "a" }),
  bad("W5 an operation that every object has", { op: "constructor", id: "a" }),
  bad("W5 a removal without an id", { op: "remove" }),
  bad("W5 a removal of a number", { op: "remove", id: 1 }),
  bad("W6 an id with a slash", { op: "remove", id: "a/b" }),
  bad("W6 an id with a null byte", { op: "remove", id: "a\0" }),
  bad("W6 an id with half a surrogate pair", '{"op":"remove","id":"\\ud800"}'),
  bad("W6 an id with a line break at its end", { op: "remove", id: "a\n" }),
  bad("W6 an empty id", { op: "remove", id: "" }),
  bad("W6 an id of 129 characters", { op: "remove", id: "x".repeat(129) }),
  bad("W5 a move without a parent", { op: "move", id: "a" }),
  bad("W5 a move after a number", { op: "move", id: "a", parent: "root", after: 1 }),
  bad("W6 a move after what is no id", { op: "move", id: "a", parent: "root", after: "a b" }),
  bad("W5 an insert without a node", { op: "insert", parent: "root" }),
  bad("W5 an insert of null", { op: "insert", parent: "root", node: null }),
  bad("W5 an insert of a list", { op: "insert", parent: "root", node: [] }),
  bad("W5 an insert of a node without a type", { op: "insert", parent: "root", node: { id: "n" } }),
  bad("W5 an empty type", { op: "insert", parent: "root", node: { id: "n", type: "" } }),
  bad("W5 a type of 129 characters", { op: "update", id: "a", type: "x".repeat(129) }),
  bad("W6 an insert of a node whose id is none", { op: "insert", parent: "root", node: { id: "a/b", type: "x" } }),
  bad("W6 a bad id far below", insert("n", "root", {}, [item("m", item("a b"))])),
  bad("W5 children that are no list", { op: "insert", parent: "root", node: { type: "x", children: {} } }),
  bad("W5 attrs that are a list", attrs("[]")),
  bad("W5 attrs that are null", attrs("null")),
  bad("W5 a key of 129 characters", attrs(`{"${"k".repeat(129)}":1}`)),
  bad("W5 a number beyond all numbers", attrs('{"x":1e400}')),
  bad("W5 a number beyond all numbers inside a list", attrs('{"x":[[-1e400]]}')),
  bad("W6 __proto__ as an attribute", attrs('{"__proto__":{"polluted":true}}')),
  bad("W6 __proto__ inside an attribute", attrs('{"x":[{"y":{"__proto__":null}}]}')),
  bad("W6 __proto__ in a node below", node('{"type":"x","children":[{"type":"y","attrs":{"__proto__":1}}]}')),
  bad("W6 an attribute that nests 65 deep", attrs(`{"x":${nested(65)}}`)),
  bad("W6 an attribute that nests 100 000 deep", attrs(`{"x":${nested(1e5)}}`)),
  bad("W6 an attribute of an inserted node that nests 65 deep", node(`{"type":"x","attrs":{"x":${nested(65)}}}`)),
  bad("W5 an attribute both set and unset", { op: "update", id: "a", attrs: { x: 1 }, unset: ["x"] }),
  bad("W5 unset that is text", { op: "update", id: "a", unset: "x" }),
  bad("W5 257 attributes unset", { op: "update", id: "a", unset: Array.from({ length: 257 }, (_, at) => `k${at}`) }),
  bad(
    "W5 257 attributes",
    update("a", Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`k${at}`, at]))),
    "tooLarge",
  ),
  bad(
    "W5 10 001 nodes",
    insert(
      "n",
      "root",
      {},
      Array.from({ length: 10_000 }, () => ({ type: "x" })),
    ),
    "tooLarge",
  ),
];

describe("a mutation that cannot be understood is rejected; the rest of its frame and everyone else go on", () => {
  test.each(rows)("$title", async ({ fields, code = "invalid", op }) => {
    const id = await openDocument("mutation", "root\n  a");
    const [sender, witness] = [await join(id, "sender"), await join(id, "witness")];
    const before = `{"mutation":1,"ops":[${JSON.stringify(insert("before", "root"))}]}`;
    const after = `{"mutation":3,"ops":[${JSON.stringify(insert("after", "root"))}]}`;
    sender.sendRaw(`{"type":"mutate","mutations":[${before},{"mutation":2,${fields}},${after}]}`);

    const rejection = { type: "reject", mutation: 2, code, message: expect.stringMatching(/./) };
    const answer = await sender.answer(2);
    expect(answer).toEqual(op === undefined ? rejection : { ...rejection, op });
    expect(await sender.answer(1)).toMatchObject({ seq: 1 });
    expect(await sender.answer(3)).toMatchObject({ seq: 2 });
    await witness.until("both events", () => witness.replica.seq === 2);
    expect(witness.replica.outline()).toBe("root\n  a\n  before\n  after");
    expect(witness.heard.filter(({ type }) => type !== "delta")).toEqual([]);
    expect(await treeOf(id)).toBe("root\n  a\n  before\n  after");

    // S4: asked again, also by someone else than memory, it gives the same answer.
    await evictDurableObject(stubOf(id));
    sender.sendRaw(`{"type":"mutate","mutations":[{"mutation":2,"ops":[${good}]}]}`);
    await sender.until("the second rejection", () => sender.heard.filter(({ type }) => type === "reject").length === 2);
    expect(sender.heard.filter(({ type }) => type === "reject")).toEqual([answer, answer]);
    expect(await call("GET", topic(id))).toMatchObject({ seq: 2, treeSize: 4 });
  });
});

test("W5 attributes that grow beyond 1 MiB in two updates", async () => {
  const id = await openDocument("grown", "root\n  a");
  const ann = await join(id, "ann");
  expect(await ann.write(update("a", { x: big }))).toMatchObject({ seq: 1 });
  expect(await ann.write(update("a", { y: big }))).toMatchObject({ code: "tooLarge", op: 0 });
  expect(await ann.write(update("a", { y: big }, ["x"]))).toMatchObject({ seq: 2 });
});
