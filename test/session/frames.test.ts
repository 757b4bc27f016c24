import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { insert, item, remove, update } from "../tree/document.ts";
import { type Outgoing, openRoom, READER } from "./room.ts";

describe("frames", () => {
  it.each<[string, string | null]>([
    ["not text", null],
    ["not JSON", "{"],
    ["no object", "[]"],
    ["no type", "{}"],
    ["an unknown type", '{"type":"dance"}'],
    ["a field of a wrong type", '{"type":"sync","n":"1"}'],
    ["mutations that are no list", '{"type":"mutate","mutations":{}}'],
    ["a mutation without a counter", '{"type":"mutate","mutations":[{"ops":[]}]}'],
    ["the counter 0", '{"type":"mutate","mutations":[{"mutation":0,"ops":[]}]}'],
    ["presence with __proto__", '{"type":"presence","data":{"__proto__":1}}'],
    ["a sync that was never sent", '{"type":"sync","n":1}'],
  ])("W3 W6 %s: error protocol, close 4010; nobody else notices", (_, frame) => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.sendText(frame);
    expect(ann.hearShort()).toEqual(["error protocol"]);
    expect(ann.closed?.code).toBe(4010);
    // What it sends after that is not ours to answer any more.
    ann.mutate(insert("a", "root"));
    room.settle();
    expect([bob.hear(), bob.closed, ann.hear()]).toEqual([[], null, []]);
  });

  it("W3 unknown fields are ignored", () => {
    const room = openRoom(item("root"));
    const ann = room.join("ann", { colour: "red" });
    ann.hear();
    ann.sendText('{"type":"mutate","mutations":[{"mutation":1,"ops":[{"op":"remove","id":"x","y":1}],"z":2}],"w":3}');
    expect(ann.hearShort()).toEqual(["reject 1 notFound"]);
  });

  it("W4 a frame over 1 MiB: error tooLarge, close 4013; one of 1 MiB is read", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    const padded = (bytes: number) => {
      const head = '{"type":"presence","data":1,"pad":"';
      return `${head}${"x".repeat(bytes - head.length - 2)}"}`;
    };
    ann.sendText(padded(LIMITS.frameBytes));
    expect(ann.hearShort()).toEqual([`presence ${ann.id}`]);
    ann.sendText(padded(LIMITS.frameBytes + 1));
    expect([ann.hearShort(), ann.closed?.code]).toEqual([["error tooLarge"], 4013]);
  });

  it("W5 a malformed mutation in the middle of a frame leaves the others, and everyone else, alone", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const frame: Outgoing = {
      type: "mutate",
      mutations: [
        { mutation: 1, ops: [insert("a", "root")] },
        { mutation: 2, ops: [insert("b", "root"), { op: "insert", parent: "root" }] },
        { mutation: 3, ops: [insert("c", "root"), update("c", { x: 1 }), { op: "update", id: "not an id" }] },
        { mutation: 4, ops: [update("a", { x: "x".repeat(LIMITS.nodeBytes - 400_000) })] },
        { mutation: 5, ops: [insert("d", "a"), remove("ghost")] },
        { mutation: 6, ops: Array.from({ length: 10_001 }, () => 0) },
        { mutation: 7, ops: [insert("e", "a")] },
      ],
    };
    ann.send(frame);
    room.settle();
    expect(ann.hear().filter(({ type }) => type === "reject")).toMatchObject([
      { mutation: 2, code: "invalid", op: 1 },
      { mutation: 3, code: "invalid", op: 2 },
      { mutation: 5, code: "notFound", op: 1 },
      { mutation: 6, code: "tooLarge" },
    ]);
    const heard = bob.hear();
    expect(heard.filter(({ type }) => type !== "delta")).toEqual([{ type: "sync", n: 1 }]);
    const events = heard.flatMap((message) => (message.type === "delta" ? message.events : []));
    expect(events.map(({ mutation }) => mutation)).toEqual([1, 4, 7]);
  });

  it.each<[string, object, string]>([
    ["__proto__ in attributes", JSON.parse('{"op":"update","id":"a","attrs":{"__proto__":1}}'), "invalid"],
    ["an id outside the alphabet", { op: "remove", id: "a/b" }, "invalid"],
    ["a value nested 65 deep", { op: "update", id: "a", attrs: { x: nested(65) } }, "invalid"],
    ["257 attributes", { op: "update", id: "a", attrs: Object.fromEntries(keys(257)) }, "tooLarge"],
  ])("W6 %s rejects the mutation and not the connection", (_, operation, code) => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    ann.send({ type: "mutate", mutations: [{ mutation: 1, ops: [operation] }] });
    expect(ann.hear()).toMatchObject([{ type: "reject", mutation: 1, code, op: 0 }]);
    expect(ann.closed).toBe(null);
  });

  it("W5 an insert that makes a node too large is refused as a whole", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    ann.mutate(update("a", { x: "x".repeat(600_000) }));
    ann.mutate(update("a", { y: "y".repeat(600_000) }));
    room.settle();
    expect(ann.hearShort()).toEqual(["delta 1", "sync 1", "reject 2 tooLarge"]);
  });

  it("S13 a role that may only read: mutate is rejected, all else works", () => {
    const room = openRoom(item("root"));
    const [ann, bob] = [room.join("ann", {}, READER), room.enter("bob")];
    ann.hear();
    ann.send({
      type: "mutate",
      mutations: [
        { mutation: 1, ops: [insert("a", "root")] },
        { mutation: 2, ops: [insert("a", "root")] },
      ],
    });
    expect(ann.hearShort()).toEqual(["reject 1 forbidden", "reject 2 forbidden"]);
    ann.send({ type: "presence", data: "here" });
    bob.mutate(insert("b", "root"));
    room.settle();
    expect(ann.hearShort()).toEqual([`presence ${ann.id}`, "delta 1"]);
    const call = { ops: [insert("a", "root")] };
    const answer = room.server.ask((calls, now) => calls.mutate(call, READER, now));
    expect(answer).toMatchObject({ ok: false, problem: { code: "forbidden" } });
  });
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function keys(count: number): [string, number][] {
  return Array.from({ length: count }, (_, index) => [`k${index}`, index]);
}
