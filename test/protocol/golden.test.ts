import { describe, expect, it } from "vitest";
import {
  decodeClientMessage,
  deltaFrame,
  encode,
  eventText,
  type ServerMessage,
  snapshotFrame,
  type TreeEvent,
} from "../../src/protocol/index.ts";
import { fromClients } from "./golden.ts";

const restored: TreeEvent = {
  seq: 8,
  time: 1_790_000_000_000,
  client: "c-1",
  mutation: 4,
  userId: "ann",
  ops: [
    { op: "insert", node: { id: "a", type: "item", attrs: { x: 1 } }, parent: "root", after: null },
    { op: "move", id: "b", parent: "a", after: "c" },
    { op: "update", id: "a", attrs: { x: 2 }, unset: ["y"], type: "heading" },
    { op: "remove", id: "d" },
  ],
  meta: { why: "tidy" },
  redirected: ["a"],
  rescued: ["b"],
  removed: ["d"],
};
const plain: TreeEvent = { seq: 9, time: 1_790_000_000_001, client: null, mutation: null, userId: null, ops: [] };
const restoredText =
  '{"seq":8,"time":1790000000000,"client":"c-1","mutation":4,"userId":"ann","ops":[{"op":"insert","node":{"id":"a","type":"item","attrs":{"x":1}},"parent":"root","after":null},{"op":"move","id":"b","parent":"a","after":"c"},{"op":"update","id":"a","attrs":{"x":2},"unset":["y"],"type":"heading"},{"op":"remove","id":"d"}],"meta":{"why":"tidy"},"redirected":["a"],"rescued":["b"],"removed":["d"]}';
const plainText = '{"seq":9,"time":1790000000001,"client":null,"mutation":null,"userId":null,"ops":[]}';

/** A split and a join of rows, as who follows is told. */
const moved: TreeEvent = {
  ...plain,
  ops: [
    {
      ...{ op: "edit", id: "a", attr: "text", changes: [5, -5] },
      split: { at: 5, length: 10, node: "b" },
    },
    { op: "insert", node: { id: "b", type: "item", attrs: { text: "world" } }, parent: "root", after: "a" },
    { op: "edit", id: "b", attr: "text", changes: [-5], join: { into: "a", at: 5 } },
    { op: "edit", id: "a", attr: "text", changes: [5, "world"], from: "b" },
    { op: "move", id: "c", parent: "a", after: null },
    { op: "remove", id: "b" },
    { op: "edit", id: "a", attr: "text", changes: [3, 0, "x", -2] },
    { op: "edit", id: "a", attr: "text", changes: [] },
  ],
};
const movedText =
  '{"seq":9,"time":1790000000001,"client":null,"mutation":null,"userId":null,"ops":[{"op":"edit","id":"a","attr":"text","changes":[5,-5],"split":{"at":5,"length":10,"node":"b"}},{"op":"insert","node":{"id":"b","type":"item","attrs":{"text":"world"}},"parent":"root","after":"a"},{"op":"edit","id":"b","attr":"text","changes":[-5],"join":{"into":"a","at":5}},{"op":"edit","id":"a","attr":"text","changes":[5,"world"],"from":"b"},{"op":"move","id":"c","parent":"a","after":null},{"op":"remove","id":"b"},{"op":"edit","id":"a","attr":"text","changes":[3,0,"x",-2]},{"op":"edit","id":"a","attr":"text","changes":[]}]}';

const fromServers: readonly [message: ServerMessage, text: string][] = [
  [
    {
      type: "welcome",
      protocol: 2,
      document: "doc",
      subscriber: "s1",
      client: "c-1",
      user: { id: "ann", name: "Ann" },
      role: "write",
      incarnation: "i1",
      seq: 9,
      mutation: 4,
      root: "root",
      presence: { s2: { user: null, data: { cursor: "a" } } },
      resume: "snapshot",
    },
    '{"type":"welcome","protocol":2,"document":"doc","subscriber":"s1","client":"c-1","user":{"id":"ann","name":"Ann"},"role":"write","incarnation":"i1","seq":9,"mutation":4,"root":"root","presence":{"s2":{"user":null,"data":{"cursor":"a"}}},"resume":"snapshot"}',
  ],
  [
    {
      type: "welcome",
      protocol: 2,
      document: "doc",
      subscriber: "s1",
      client: "c-1",
      user: null,
      role: "read",
      incarnation: "i1",
      seq: 0,
      mutation: 0,
      root: "root",
      presence: {},
      resume: "delta",
    },
    '{"type":"welcome","protocol":2,"document":"doc","subscriber":"s1","client":"c-1","user":null,"role":"read","incarnation":"i1","seq":0,"mutation":0,"root":"root","presence":{},"resume":"delta"}',
  ],
  [
    {
      type: "snapshot",
      seq: 9,
      nodes: [
        ["root", null, null, "page", {}],
        ["a", "root", "b", "item", { x: 1 }],
      ],
      done: false,
    },
    '{"type":"snapshot","seq":9,"nodes":[["root",null,null,"page",{}],["a","root","b","item",{"x":1}]],"done":false}',
  ],
  [
    { type: "snapshot", seq: 9, nodes: [], done: true, mutation: 4 },
    '{"type":"snapshot","seq":9,"nodes":[],"done":true,"mutation":4}',
  ],
  [{ type: "delta", events: [restored, plain] }, `{"type":"delta","events":[${restoredText},${plainText}]}`],
  [{ type: "delta", events: [moved] }, `{"type":"delta","events":[${movedText}]}`],
  [
    {
      type: "reject",
      mutation: 5,
      code: "cycle",
      message: "a is inside b",
      op: 0,
      seq: 8,
      client: "c-2",
      userId: null,
    },
    '{"type":"reject","mutation":5,"code":"cycle","message":"a is inside b","op":0,"seq":8,"client":"c-2","userId":null}',
  ],
  [
    { type: "reject", mutation: 6, code: "forbidden", message: "read only" },
    '{"type":"reject","mutation":6,"code":"forbidden","message":"read only"}',
  ],
  [{ type: "unchanged", mutation: 7, seq: 9 }, '{"type":"unchanged","mutation":7,"seq":9}'],
  [
    { type: "presence", changes: { s2: { user: { id: "bob" }, data: 1 }, s3: null } },
    '{"type":"presence","changes":{"s2":{"user":{"id":"bob"},"data":1},"s3":null}}',
  ],
  [{ type: "presence", changes: {}, reset: true }, '{"type":"presence","changes":{},"reset":true}'],
  [
    { type: "auth", role: "read", expires: null, time: 1_790_000_000_000 },
    '{"type":"auth","role":"read","expires":null,"time":1790000000000}',
  ],
  [{ type: "sync", n: 3 }, '{"type":"sync","n":3}'],
  [
    { type: "error", code: "protocol", message: "join comes first" },
    '{"type":"error","code":"protocol","message":"join comes first"}',
  ],
];

describe("golden frames", () => {
  it.each(fromClients)("W3 a client's frame is read as it ever was: %s", (text) => {
    const decoded = decodeClientMessage(text);
    // Everything in it is known, nothing is added, and written again it is the same text.
    expect(decoded).toEqual({ ok: true, value: JSON.parse(text) });
    expect(decoded.ok && encode(decoded.value)).toBe(text);
  });

  it.each(fromServers)("W7, W8 a server's frame is written as it ever was: $type", (message, text) => {
    expect(encode(message)).toBe(text);
    expect(JSON.parse(text)).toEqual(message);
  });

  it("every kind of message has one", () => {
    const kinds = (texts: readonly string[]) => [...new Set(texts.map((text) => JSON.parse(text).type))].sort();
    // A kind that is missing here does not compile.
    const client: Record<Exclude<ReturnType<typeof decodeClientMessage>, { ok: false }>["value"]["type"], true> = {
      join: true,
      mutate: true,
      presence: true,
      sync: true,
      auth: true,
      leave: true,
    };
    const server: Record<ServerMessage["type"], true> = {
      welcome: true,
      snapshot: true,
      delta: true,
      reject: true,
      unchanged: true,
      presence: true,
      sync: true,
      auth: true,
      error: true,
    };
    expect(kinds(fromClients)).toEqual(Object.keys(client).sort());
    expect(kinds(fromServers.map(([, text]) => text))).toEqual(Object.keys(server).sort());
  });

  it("W8 frames that are put together from texts are what encode would have made", () => {
    expect(eventText(restored)).toBe(restoredText);
    expect(eventText(plain)).toBe(plainText);
    expect(eventText(moved)).toBe(movedText);
    const both = `{"type":"delta","events":[${restoredText},${plainText}]}`;
    expect(deltaFrame([restoredText, plainText])).toBe(both);
    expect(deltaFrame([`${restoredText},${plainText}`])).toBe(both);
    expect(snapshotFrame(9, ['["root",null,null,"page",{}]', '["a","root","b","item",{"x":1}]'], null)).toBe(
      fromServers[2]?.[1],
    );
    expect(snapshotFrame(9, [], 4)).toBe(fromServers[3]?.[1]);
  });
});
