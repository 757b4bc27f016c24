import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { insert, item } from "../tree/document.ts";
import { openRoom, READER, WRITER, writerOf } from "./room.ts";

describe("joining", () => {
  it("W1 anything before the join is an error, and closes", () => {
    const room = openRoom();
    for (const message of [
      { type: "mutate", mutations: [] },
      { type: "presence", data: 1 },
      { type: "sync", n: 0 },
      { type: "leave" },
    ] as const) {
      const visitor = room.connect();
      visitor.send(message);
      expect(visitor.hearShort()).toEqual(["error protocol"]);
      expect(visitor.closed).toEqual({ code: 4010, reason: "join comes first" });
    }
    expect(room.server.open()).toEqual([]);
  });

  it("W1 a second join is an error, and closes", () => {
    const room = openRoom();
    const ann = room.enter("ann");
    ann.send({ type: "join", protocol: 2, client: "ann" });
    expect(ann.hearShort()).toEqual(["error protocol"]);
    expect(ann.closed?.code).toBe(4010);
  });

  it.each([
    [0, "client"],
    [1, "client"],
    [3, "server"],
    [100, "server"],
  ])("W2 X127 protocol %i is refused, naming what is spoken, and that the %s is to be updated", (protocol, older) => {
    const visitor = openRoom().connect();
    visitor.send({ type: "join", protocol, client: "ann" });
    expect(visitor.hear()).toEqual([
      {
        type: "error",
        code: "protocol",
        message: `this server speaks protocol 2, not ${protocol}: update the ${older}`,
      },
    ]);
    expect(visitor.closed?.code).toBe(4010);
  });

  it("W2 a refused join creates no document", () => {
    const room = openRoom();
    room.connect().send({ type: "join", protocol: 9, client: "ann" });
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({
      ok: false,
      problem: { code: "notFound" },
    });
  });

  it("W7 a welcome tells who one is and where the document stands", () => {
    const room = openRoom(item("top", item("a")));
    room.call(insert("b", "a"));
    const ann = room.join("ann", { presence: { cursor: 1 } }, writerOf("u1"));
    const [welcome, snapshot, ...rest] = ann.hear();
    const user = { id: "u1", name: "U1" };
    expect(welcome).toEqual({
      type: "welcome",
      protocol: 2,
      document: "doc",
      subscriber: ann.id,
      client: "ann",
      user,
      role: "write",
      incarnation: "id0",
      seq: 1,
      mutation: 0,
      root: "top",
      presence: { [ann.id]: { user, data: { cursor: 1 } } },
      resume: "snapshot",
    });
    expect(snapshot).toMatchObject({ type: "snapshot", seq: 1, done: true });
    if (snapshot?.type !== "snapshot") throw new Error("a snapshot comes second");
    expect([...snapshot.nodes].sort()).toEqual([
      ["a", "top", null, "item", {}],
      ["b", "a", null, "item", {}],
      ["top", null, null, "item", {}],
    ]);
    expect(rest).toEqual([{ type: "presence", changes: { [ann.id]: { user, data: { cursor: 1 } } } }]);
  });

  it("W7 a welcome names the highest counter answered, accepted or rejected, of this client alone", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    const bob = room.enter("bob");
    ann.mutate(insert("a", "root"));
    ann.mutate(insert("a", "root"));
    bob.mutate(insert("b", "root"));
    ann.drop();
    // What waited is answered before the welcome is written.
    expect(room.join("ann").hear()[0]).toMatchObject({ type: "welcome", seq: 2, mutation: 2 });
    expect(room.join("cy").hear()[0]).toMatchObject({ type: "welcome", seq: 2, mutation: 0, client: "cy" });
  });

  it("S10 joining again replaces the older connection, and its late close changes nothing", () => {
    const room = openRoom(item("root"));
    const old = room.join("ann", { presence: "old" });
    const bob = room.enter("bob");
    const young = room.join("ann", { presence: "young" });
    expect([old.closed?.code, old.hearShort().at(-1)]).toEqual([4009, "error replaced"]);
    expect(young.hear()[0]).toMatchObject({ type: "welcome", subscriber: young.id });
    room.settle();
    const { changes } = bob.hear().reduce(merged, { changes: {} });
    expect(changes).toEqual({ [old.id]: null, [young.id]: { user: null, data: "young" } });
    old.drop();
    room.settle();
    expect([bob.hear(), young.closed]).toEqual([[], null]);
    young.mutate(insert("a", "root"));
    expect(bob.hearShort()).toEqual(["delta 1"]);
  });

  it("S10 a client that joins for the third time replaces the second one", () => {
    const room = openRoom(item("root"));
    const visitors = [room.enter("ann"), room.enter("ann"), room.enter("ann")];
    expect(visitors.map(({ closed }) => closed?.code ?? null)).toEqual([4009, 4009, null]);
  });

  it("S11 a client id belongs to the user who first used it, connected or not, before and after a checkpoint", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("c1", writerOf("u1"));
    const refused = () => {
      for (const principal of [writerOf("u2"), undefined]) {
        const thief = room.join("c1", {}, principal);
        expect(thief.hear()).toMatchObject([{ type: "error", code: "forbidden" }]);
        expect(thief.closed?.code).toBe(4003);
      }
    };
    // Connected, though it has not mutated anything yet.
    refused();
    expect(ann.closed).toBe(null);
    ann.mutate(insert("a", "root"));
    refused();
    ann.drop();
    refused();
    room.settle();
    room.server.evict();
    refused();
    room.server.ask((calls, now) => calls.stop(now));
    room.server.evict();
    refused();
    expect(room.join("c1", {}, writerOf("u1")).closed).toBe(null);
  });

  it("S11 a client id of nobody is not for a user", () => {
    const room = openRoom(item("root"));
    const nobody = room.enter("c1");
    nobody.mutate(insert("a", "root"));
    expect(room.join("c1", {}, writerOf("u1")).closed?.code).toBe(4003);
    expect(room.join("c1").closed).toBe(null);
  });

  it("S11 holds for calls as well: neither side takes the other's client id", () => {
    const room = openRoom(item("root"));
    const callAs = (client: string, user: string, id: string) => {
      const call = { client, mutation: 1, ops: [insert(id, "root")] };
      return room.server.ask((calls, now) => calls.mutate(call, writerOf(user), now));
    };
    expect(callAs("c1", "u1", "a")).toMatchObject({ ok: true });
    expect(callAs("c1", "u2", "b")).toMatchObject({ ok: false, problem: { code: "forbidden" } });
    expect(room.join("c1", {}, writerOf("u2")).closed?.code).toBe(4003);
  });

  it("S11 a call cannot take the client id of someone who has joined and not mutated yet", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("c1", writerOf("u1"));
    const call = { client: "c1", mutation: 1, ops: [insert("b", "root")] };
    const answer = room.server.ask((calls, now) => calls.mutate(call, writerOf("u2"), now));
    expect(answer).toMatchObject({ ok: false, problem: { code: "forbidden" } });
    ann.mutate(insert("a", "root"));
    expect(ann.hear()).toMatchObject([{ type: "delta", events: [{ client: "c1", mutation: 1, userId: "u1" }] }]);
  });

  it("W7 W31 joining creates a document that is not there, for who may write", () => {
    const room = openRoom();
    const ray = room.join("ray", {}, READER);
    expect([ray.hearShort(), ray.closed?.code]).toEqual([["error notFound"], 4004]);
    expect(room.server.sql.totalRows).toBe(0);
    expect(room.join("ann", {}, WRITER).hear()).toMatchObject([
      { type: "welcome", seq: 0, root: "root", role: "write" },
      { type: "snapshot", seq: 0, nodes: [["root", null, null, "root", {}]], done: true },
    ]);
  });

  it("W11 B58 with as many subscribers as there may be the next who joins is turned away; one of them may come again", () => {
    const room = openRoom(item("root"));
    const joined = Array.from({ length: LIMITS.subscribers }, (_, index) => room.enter(`c${index}`));
    const late = room.join("late");
    expect([late.hearShort(), late.closed?.code]).toEqual([["error tooMany"], 4029]);
    expect(room.join("c7").hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
    expect(joined.flatMap(({ closed }, index) => (closed ? [[index, closed.code]] : []))).toEqual([[7, 4009]]);
    joined[0]?.drop();
    expect(room.join("late").hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
    // Who waits to join keeps none of them out.
    for (let each = 0; each < LIMITS.unjoined; each++) room.connect();
    joined[1]?.drop();
    expect(room.join("later").hearShort()).toEqual(["welcome 0 snapshot", "snapshot 0 done"]);
  }, 60_000);

  it("B58 500 connections may be there that have not joined; with one more the oldest of them is closed: 4029", () => {
    const room = openRoom(item("root"));
    const ann = room.enter("ann");
    const waiting = Array.from({ length: LIMITS.unjoined }, () => room.connect());
    expect(waiting.every(({ closed }) => closed === null)).toBe(true);
    const bob = room.enter("bob");
    expect(waiting.filter(({ closed }) => closed).map(({ id }) => id)).toEqual([waiting[0]?.id]);
    expect([waiting[0]?.hearShort(), waiting[0]?.closed?.code]).toEqual([["error tooMany"], 4029]);
    expect([ann.closed, bob.closed]).toEqual([null, null]);
    // One of them joins, one goes: there is room for two, and no more.
    waiting[1]?.send({ type: "join", protocol: 2, client: "patient" });
    waiting[2]?.drop();
    const more = Array.from({ length: 4 }, () => room.connect());
    expect(waiting.slice(3).flatMap(({ closed }) => closed ?? [])).toMatchObject([{ code: 4029 }]);
    expect([waiting[1]?.closed, ...more.map(({ closed }) => closed)]).toEqual([null, null, null, null, null]);
  });

  it("B58 which of them came first is known after a hibernation, too", () => {
    const room = openRoom(item("root"));
    const first = room.connect();
    for (let each = 1; each < LIMITS.unjoined; each++) {
      room.wait(1);
      room.connect();
    }
    room.settle();
    room.server.evict();
    room.connect();
    expect(first.closed).toMatchObject({ code: 4029 });
  });

  it("W1 who has not joined within 30 s is closed when somebody connects: 4010", () => {
    const room = openRoom(item("root"));
    const waiting = Array.from({ length: 3 }, () => room.connect());
    room.wait(LIMITS.joinTimeout);
    room.connect();
    expect(
      waiting.every(({ closed }) => closed === null),
      "30 s are not over yet",
    ).toBe(true);
    room.wait(1);
    expect(room.connect().closed).toBe(null);
    expect(waiting.every(({ closed }) => closed?.code === 4010)).toBe(true);
  });
});

type Changes = { changes: object };
function merged(sum: Changes, message: object): Changes {
  return "changes" in message ? { changes: { ...sum.changes, ...Object(message.changes) } } : sum;
}
