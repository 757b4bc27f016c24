import { describe, expect, test } from "vitest";
import { LIMITS, topic } from "../../src/protocol/index.ts";
import { insert, update } from "../tree/document.ts";
import { call, openDocument, STACK, treeOf } from "./http-client.ts";
import { connect, join } from "./socket-client.ts";

type Frame = string | ArrayBuffer;
type Row = readonly [title: string, frame: Frame, error: { readonly code: string; readonly close: number }];

const MiB = 1024 * 1024;
const protocol = { code: "protocol", close: 4010 };
const tooLarge = { code: "tooLarge", close: 4013 };
function bytesOf(text: string): ArrayBuffer {
  const buffer = new ArrayBuffer(text.length);
  new TextEncoder().encodeInto(text, new Uint8Array(buffer));
  return buffer;
}
const mutation = (fields: string) => `{"type":"mutate","mutations":[{${fields}}]}`;

/** Frames that nobody who speaks the protocol sends. */
const rows: readonly Row[] = [
  ["W3 nothing", "", protocol],
  ["W3 half a message", '{"type":"presence","data":', protocol],
  ["W3 what is not JSON", "hello", protocol],
  ["W3 `ping` with a line break, which is no ping", "ping\n", protocol],
  ["W3 two messages in one frame", '{"type":"leave"}{"type":"leave"}', protocol],
  ["W3 null", "null", protocol],
  ["W3 a number", "1", protocol],
  ["W3 a list of messages", '[{"type":"leave"}]', protocol],
  ["W3 a binary frame", bytesOf('{"type":"leave"}'), protocol],
  ["W3 an empty binary frame", new ArrayBuffer(0), protocol],
  ["W3 a message without a type", '{"data":1}', protocol],
  ["W3 an unknown type", '{"type":"hello"}', protocol],
  ["W3 the type of a server's message", '{"type":"delta","events":[]}', protocol],
  ["W3 a type that every object has", '{"type":"toString"}', protocol],
  ["W3 a type that is a list", '{"type":["leave"]}', protocol],
  ["W3 mutations that are no list", '{"type":"mutate","mutations":{}}', protocol],
  ["W3 a mutation that is no object", '{"type":"mutate","mutations":[1]}', protocol],
  ["W3 a mutation that is null", '{"type":"mutate","mutations":[null]}', protocol],
  [
    "W3 a good mutation beside one that is no object",
    mutation('"mutation":1,"ops":[]},7,{"mutation":2,"ops":[]'),
    protocol,
  ],
  [
    "W3 257 mutations",
    `{"type":"mutate","mutations":[${Array(257).fill('{"mutation":1,"ops":[]}').join(",")}]}`,
    protocol,
  ],
  ["W3 a mutation without a counter", mutation('"ops":[]'), protocol],
  ["W3 a counter of 0", mutation('"mutation":0,"ops":[]'), protocol],
  ["W3 a counter of -1", mutation('"mutation":-1,"ops":[]'), protocol],
  ["W3 a counter of 1.5", mutation('"mutation":1.5,"ops":[]'), protocol],
  ["W3 a counter of 2^53", mutation('"mutation":9007199254740992,"ops":[]'), protocol],
  ["W3 a counter beyond all numbers", mutation('"mutation":1e400,"ops":[]'), protocol],
  ["W3 a counter that is text", mutation('"mutation":"1","ops":[]'), protocol],
  ["W3 presence without data", '{"type":"presence"}', protocol],
  [
    "W3 presence of more than 4 KiB",
    JSON.stringify({ type: "presence", data: "x".repeat(LIMITS.presenceBytes - 1) }),
    protocol,
  ],
  ["W3 a sync without a number", '{"type":"sync"}', protocol],
  ["W3 a sync that was never asked for", '{"type":"sync","n":1}', protocol],
  ["W3 a sync of -1", '{"type":"sync","n":-1}', protocol],
  ["W6 __proto__ in presence", '{"type":"presence","data":{"a":[{"__proto__":1}]}}', protocol],
  ["W6 presence that nests 65 deep", `{"type":"presence","data":${"[".repeat(65)}${"]".repeat(65)}}`, protocol],
  ["W6 presence that nests 100 000 deep", `{"type":"presence","data":${"[".repeat(1e5)}${"]".repeat(1e5)}}`, protocol],
  ["W3 a frame that nests 500 000 deep", "[".repeat(5e5) + "]".repeat(5e5), protocol],
  ["W3 a frame that opens 1 000 000 lists and closes none", "[".repeat(1e6), protocol],
  ["W4 a frame over 1 MiB", JSON.stringify({ type: "presence", data: "x".repeat(MiB) }), tooLarge],
  ["W4 a frame of 2 MiB", "x".repeat(2 * MiB), tooLarge],
  ["W4 a frame whose characters are few and whose bytes are many", `"${"€".repeat(MiB / 3)}"`, tooLarge],
  ["W4 a frame of 30 MiB", "x".repeat(30 * MiB), tooLarge],
  ["W1 a second join", '{"type":"join","protocol":2,"client":"again"}', protocol],
];

describe("a frame that cannot be understood ends its connection and touches nobody else", () => {
  test.each(rows)("%s", async (_, frame, { code, close }) => {
    const id = await openDocument("frame", "root\n  a");
    const [sender, witness] = [await join(id, "sender"), await join(id, "witness")];
    sender.sendRaw(frame);
    const error = await sender.take("error");
    expect(error).toEqual({ type: "error", code, message: expect.stringMatching(/./) });
    expect(error.message).not.toMatch(STACK);
    expect(await sender.ended()).toMatchObject({ code: close });

    expect(await call("GET", topic(id))).toMatchObject({ seq: 0, subscriberCount: 1 });
    expect(witness.heard).toEqual([]);
    expect(await witness.write(update("a", { x: 1 }))).toMatchObject({ seq: 1 });
    expect(await treeOf(id)).toBe("root\n  a x=1");
  });
});

const join1 = { type: "join", protocol: 2, client: "c" };
describe("before the join", () => {
  test.each<readonly [title: string, frame: unknown]>([
    ["W1 a mutation", { type: "mutate", mutations: [{ mutation: 1, ops: [update("root", { x: 1 })] }] }],
    ["W1 presence", { type: "presence", data: 1 }],
    ["W1 a sync", { type: "sync", n: 0 }],
    ["W1 a leave", { type: "leave" }],
    ["W2 a join with protocol 0", { ...join1, protocol: 0 }],
    ["W2 a join with protocol 1", { ...join1, protocol: 1 }],
    ["W2 a join with protocol 3", { ...join1, protocol: 3 }],
    ["W3 a join with protocol 2.5", { ...join1, protocol: 2.5 }],
    ["W3 a join without a protocol", { ...join1, protocol: undefined }],
    ["W3 a join without a client", { ...join1, client: undefined }],
    ["W6 a join with a slash in its client", { ...join1, client: "a/b" }],
    ["W6 a join with an empty client", { ...join1, client: "" }],
    ["W6 a join with a null byte in its client", { ...join1, client: "a\0" }],
    ["W6 a join with a client of 129 characters", { ...join1, client: "x".repeat(129) }],
    ["W3 a join with a seq of -1", { ...join1, incarnation: "i", seq: -1 }],
    ["W3 a join with a seq of 0.5", { ...join1, incarnation: "i", seq: 0.5 }],
    ["W3 a join with an incarnation that is no text", { ...join1, incarnation: 1, seq: 0 }],
    ["W3 a join with presence of more than 4 KiB", { ...join1, presence: "x".repeat(LIMITS.presenceBytes) }],
  ])("%s is error protocol, close 4010, and creates nothing", async (title, message) => {
    const id = `unjoined-${title.replaceAll(/[^a-z0-9]+/gi, "-")}`;
    const socket = await connect(id);
    socket.sendRaw(JSON.stringify(message));
    expect(await socket.take("error")).toMatchObject({ code: "protocol" });
    expect(await socket.ended()).toMatchObject({ code: 4010 });
    expect(await call<object>("GET", topic(id), undefined, 404).catch(() => "no JSON")).toBe("no JSON");
  });

  test("W2 the message names the versions that the server speaks", async () => {
    const socket = await connect("versions");
    socket.sendRaw(JSON.stringify({ ...join1, protocol: 99 }));
    expect((await socket.take("error")).message).toMatch(/speaks protocol 2, not 99/);
  });
});

test("W3 unknown fields are ignored, whatever they are called", async () => {
  const id = await openDocument("unknown-fields", "root\n  a");
  const socket = await connect(id);
  socket.sendRaw('{"type":"join","protocol":2,"client":"c","colour":"red","constructor":1,"mutations":[]}');
  expect(await socket.take("welcome")).toMatchObject({ client: "c" });
  const op = '{"op":"update","id":"a","attrs":{"x":1},"why":1,"__proto__":{"type":"evil"}}';
  socket.sendRaw(`{"type":"mutate","more":1,"mutations":[{"mutation":1,"ops":[${op}],"toString":null}]}`);
  expect((await socket.take("delta")).events).toMatchObject([{ mutation: 1, ops: [update("a", { x: 1 })] }]);
  expect(await treeOf(id)).toBe("root\n  a x=1");
});

test("W4 a frame of exactly 1 MiB is taken", async () => {
  const id = await openDocument("exact", "root");
  const ann = await join(id, "ann");
  const message = (text: string) =>
    JSON.stringify({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("n", "root")], meta: {}, note: text }] });
  const frame = message("x".repeat(MiB - message("").length));
  expect(frame.length).toBe(MiB);
  ann.sendRaw(frame);
  expect(await ann.answer(1)).toMatchObject({ seq: 1 });
});
