import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { topic } from "../../src/protocol/index.ts";
import type { Attrs, NodeData } from "../../src/tree/index.ts";
import { call, openDocument, request, stubOf } from "./http-client.ts";
import { connect, join } from "./socket-client.ts";

// What is odd but valid has to arrive everywhere as it was sent: at others, in the log, in the rows after a checkpoint.

const nested = (depth: number): Attrs[string] => (depth === 0 ? 1 : [nested(depth - 1)]);
const contents: readonly (readonly [title: string, node: NodeData])[] = [
  ["null bytes in a value", { type: "item", attrs: { x: "a\0b\0" } }],
  ["null bytes in a key", { type: "item", attrs: { "a\0b": 1 } }],
  ["null bytes in a type", { type: "a\0b" }],
  ["half a surrogate pair in a value", { type: "item", attrs: { x: "\ud800" } }],
  ["half a surrogate pair in a key", { type: "item", attrs: { "\udc00x": 1 } }],
  ["half a surrogate pair in a large value", { type: "item", attrs: { x: `${"x".repeat(300_000)}\ud800` } }],
  ["characters beyond the first plane", { type: "🌳", attrs: { "🌲": "𝕏🏳️‍🌈" } }],
  ["control characters and line separators", { type: "item", attrs: { x: '\u0001\u001f\u2028\u2029\n\r\t"\\/' } }],
  ["what would be SQL or markup", { type: "'; DROP TABLE nodes; --", attrs: { x: "<script>'\"?1" } }],
  ["keys that every object has", { type: "item", attrs: { constructor: 1, toString: null, hasOwnProperty: [] } }],
  ["keys that look like numbers", { type: "item", attrs: { 2: "b", 1: "a", "01": "c", "-1": "d" } }],
  ["an empty key and an empty value", { type: "item", attrs: { "": "", x: {} } }],
  ["huge and tiny numbers", { type: "item", attrs: { a: 1e308, b: -1e308, c: 5e-324, d: 2 ** 53, e: 0.1 + 0.2 } }],
  ["a number of more digits than numbers have", { type: "item", attrs: { x: Number("12345678901234567890") } }],
  ["a value that nests 64 deep", { type: "item", attrs: { x: nested(64) } }],
  [
    "256 attributes",
    { type: "item", attrs: Object.fromEntries(Array.from({ length: 256 }, (_, at) => [`k${at}`, at])) },
  ],
  [
    "attributes named like fields",
    { type: "item", attrs: { id: 1, type: 2, attrs: { a: 1 }, children: [], parent: "x" } },
  ],
];

/** The row of node n as somebody gets it who joins now. */
async function snapshotOf(id: string): Promise<unknown> {
  const socket = await connect(id);
  socket.send({ type: "join", protocol: 2, client: "cat" });
  const { nodes } = await socket.take("snapshot");
  return nodes.find(([node]) => node === "n");
}

describe("W8, D4 content arrives as it was sent", () => {
  test.each(contents)("%s", async (_, content) => {
    const id = await openDocument("content", "root");
    const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
    const node = { id: "n", ...content };
    const event = await ann.write({ op: "insert", node, parent: "root" });
    // Compared as JSON, which escapes what is no Unicode: a failure that shows it raw breaks the runner's own socket.
    const effect = JSON.stringify([{ op: "insert", node, parent: "root", after: null }]);
    expect("ops" in event && JSON.stringify(event.ops)).toBe(effect);
    const { events } = await bob.take("delta");
    expect(JSON.stringify(events[0]?.ops)).toBe(effect);

    const read = async () => {
      const { tree } = await call<{ tree: NodeData }>("GET", `${topic(id)}/tree?node=n`);
      return JSON.stringify(tree);
    };
    expect(await read(), "in memory").toBe(JSON.stringify(node));
    await evictDurableObject(stubOf(id));
    expect(await read(), "from the log").toBe(JSON.stringify(node));
    await call("POST", `${topic(id)}/stop`);
    expect(await read(), "from the rows").toBe(JSON.stringify(node));
    const snapshot = await snapshotOf(id);
    expect(JSON.stringify(snapshot), "from a snapshot").toBe(
      JSON.stringify(["n", "root", null, node.type, node.attrs ?? {}]),
    );
  });
});

test("T5, T11 an insert that nests as deep as may be arrives flattened, parents first", async () => {
  const id = await openDocument("deep", "root");
  const [ann, bob] = [await join(id, "ann"), await join(id, "bob")];
  const depth = 1_000;
  const open = Array.from({ length: depth }, (_, level) => `{"id":"n${level}","type":"item"`).join(',"children":[');
  const node = `${open}${"}]".repeat(depth - 1)}}`;
  ann.sendRaw(`{"type":"mutate","mutations":[{"mutation":1,"ops":[{"op":"insert","parent":"root","node":${node}}]}]}`);
  expect(await ann.answer(1)).toMatchObject({ seq: 1 });
  const { events } = await bob.take("delta");
  const ops = Array.from({ length: depth }, (_, level) => {
    const parent = level === 0 ? "root" : `n${level - 1}`;
    return { op: "insert", node: { id: `n${level}`, type: "item" }, parent, after: null };
  });
  expect(events[0]?.ops).toEqual(ops);
  await evictDurableObject(stubOf(id));
  const { text } = await request("GET", `${topic(id)}/tree?node=n0`);
  expect(text.endsWith(`"tree":${node}}`)).toBe(true);
});
