import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { item, move, remove, update } from "../tree/document.ts";
import { begin, evict, infoOf } from "./life.ts";
import { openRoom, type Room, type Visitor, WRITER } from "./room.ts";
import { nearlyStall, stall } from "./traffic.ts";

/** A document in which `a` has `x: 1` and `gone` was removed: at seq 2. */
function prepare(): Room {
  const room = openRoom(item("root", item("a"), item("gone", item("in"))));
  room.call(update("a", { x: 1 }), remove("gone"));
  room.call(update("root", { y: 1 }));
  return room;
}

function send(visitor: Visitor, ...mutations: readonly (readonly [number, ...Operation[]])[]): void {
  visitor.send({ type: "mutate", mutations: mutations.map(([mutation, ...ops]) => ({ mutation, ops })) });
}

/** A mutation by HTTP, of ann's. */
function callAs({ server }: Room, mutation: number, ...ops: Operation[]) {
  return server.ask((calls, now) => calls.mutate({ client: "ann", mutation, ops }, WRITER, now));
}

const logged = ({ server }: Room) => server.sql.peek("SELECT * FROM events");

describe("a mutation that changes nothing", () => {
  it.each<[string, ...Operation[]]>([
    ["no operation"],
    ["an update to what is there", update("a", { x: 1 })],
    ["an update that deletes what is not there", { op: "update", id: "a", unset: ["z"] }],
    ["a move to where the node is", move("a", "root", { after: null })],
    ["a second removal", remove("gone"), remove("in")],
  ])("W12 is no event, and its author alone is answered: %s", (_, ...ops) => {
    const room = prepare();
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const before = logged(room);
    send(ann, [1, ...ops]);
    expect(ann.hear()).toEqual([{ type: "unchanged", mutation: 1, seq: 2 }]);
    expect([bob.hear(), logged(room), infoOf(room).seq]).toEqual([[], before, 2]);
    expect(infoOf(room).counters).toMatchObject({ commits: 2, mutations: 2, rejections: 0 });
    const { now } = room.server;
    expect(callAs(room, 2, ...ops)).toEqual({ ok: true, value: { seq: 2, time: now, ops: [] } });
    expect([bob.hear(), logged(room)]).toEqual([[], before]);
  });

  it("W12 is answered behind what was decided before it, with the seq of that, and in order", () => {
    const room = prepare();
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(ann, [1, update("a", { x: 2 })]);
    bob.hear();
    expect(ann.hearShort()).toEqual(["delta 3"]);
    send(
      ann,
      [2, update("a", { x: 2 })],
      [3, update("a", { x: 3 })],
      [4, update("a", { x: 3 })],
      [5, remove("ghost")],
      [6, update("a", { x: 4 })],
      [7],
    );
    expect(ann.hear(), "it waits for the commit").toEqual([]);
    room.settle();
    expect(ann.hearShort()).toEqual([
      "reject 5 notFound",
      "delta 4-5",
      "unchanged 2 3",
      "unchanged 4 4",
      "unchanged 7 5",
    ]);
    expect(bob.hearShort()).toEqual(["delta 4-5"]);
  });

  it("S4 W12 has used its counter up: repeated, it is answered alike and not decided anew", () => {
    const room = prepare();
    const ann = room.enter("ann");
    send(ann, [1, update("a", { x: 1 })], [2, remove("gone")], [3, update("a", { x: 2 })]);
    room.settle();
    const answers = ann.hearShort();
    expect(answers).toEqual(["delta 3", "unchanged 1 2", "unchanged 2 2"]);
    // Decided anew, each of them would change something now.
    room.call(move("gone", "root"));
    ann.hear();
    const repeat = (visitor: Visitor) => {
      send(visitor, [1, update("a", { x: 1 })], [2, remove("gone")], [3, update("a", { x: 1 })]);
      room.settle();
      return visitor.hearShort();
    };
    const again = ["unchanged 1 2", "unchanged 2 2", "delta 3"];
    expect(repeat(ann)).toEqual(again);
    evict(room);
    expect(repeat(ann), "after an eviction").toEqual(again);
    room.server.crash();
    const late = room.join("ann");
    expect(late.hear()[0], "the counter is answered").toMatchObject({ type: "welcome", mutation: 3 });
    expect(repeat(late), "after a crash").toEqual(again);
    room.server.ask((calls, now) => calls.stop(now));
    room.server.crash();
    expect(repeat(room.enter("ann")), "after a checkpoint and a crash").toEqual(again);
    expect(callAs(room, 1)).toMatchObject({ ok: true, value: { seq: 2, ops: [] } });
  });

  it("S4 W12 over HTTP the first answer comes again, time and receipts included", () => {
    const room = prepare();
    const first = callAs(room, 1, { op: "update", id: "in", unset: ["z"] });
    expect(first).toEqual({ ok: true, value: { seq: 2, time: room.server.now, ops: [], removed: ["in"] } });
    room.wait(5_000);
    room.call(update("a", { x: 9 }));
    expect(callAs(room, 1, remove("a"))).toEqual(first);
    room.server.crash();
    expect(callAs(room, 1, remove("a"))).toEqual(first);
    const ann = room.enter("ann");
    send(ann, [1, remove("a")]);
    expect(ann.hear()).toEqual([{ type: "unchanged", mutation: 1, seq: 2, removed: ["in"] }]);
  });

  it("W12 receipts that name many nodes are given once, so that what is kept of a client stays small", () => {
    const children = Array.from({ length: 200 }, (_, index) => item(`n${index}`));
    const room = openRoom(item("root", item("gone", ...children)));
    room.call(remove("gone"));
    const updates = children.map(({ id }): Operation => ({ op: "update", id: id ?? "", unset: ["z"] }));
    const first = callAs(room, 1, ...updates);
    expect(first).toMatchObject({ ok: true, value: { removed: children.map(({ id }) => id) } });
    expect(callAs(room, 1)).toEqual({ ok: true, value: { seq: 1, time: room.server.now, ops: [] } });
    const [row] = room.server.sql.peek("SELECT length(rejections) AS size FROM clients");
    expect(Number(row?.size)).toBeLessThan(1_000);
  });

  it("S9 W12 is answered to who is behind, after the events that it is about, and nothing is lost", () => {
    const room = prepare();
    const ann = room.enter("ann");
    stall(room, ann);
    const { seq } = infoOf(room);
    send(ann, [1, update("a", { x: 7 })], [2, update("a", { x: 7 })], [3, remove("ghost")]);
    room.settle();
    expect(ann.hear()).toEqual([]);
    room.server.evict();
    ann.send({ type: "sync", n: 4 });
    const heard = ann.hearShort().filter((short) => !/sync|presence/.test(short));
    expect(heard.slice(-2)).toEqual([`unchanged 2 ${seq + 1}`, "reject 3 notFound"]);
    expect(heard.at(-3)).toMatch(new RegExp(`delta .*${seq + 1}$`));
  });

  it("S9 W12 whoever a rejection makes fall behind is answered after the events, which it has still to get", () => {
    const room = prepare();
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    nearlyStall(room, ann, bob);
    ann.hear();
    const { seq } = infoOf(room);
    send(
      ann,
      [1, update("root", { y: 1 })],
      [2, remove("ghost")],
      [3, update("a", { z: 1 })],
      [4, update("a", { z: 1 })],
    );
    room.settle();
    expect(ann.hearShort()).toEqual(["reject 2 notFound", "sync 4"]);
    ann.send({ type: "sync", n: 4 });
    const heard = ann.hearShort().filter((short) => !short.startsWith("presence"));
    // A rejection may come twice; what it lacked comes in its order.
    expect(heard).toEqual([`delta ${seq + 1}`, `unchanged 1 ${seq}`, "reject 2 notFound", `unchanged 4 ${seq + 1}`]);
  });

  it("W12 counts like any mutation towards the client's user and role", () => {
    const room = begin();
    const reader = { user: null, role: "read" } as const;
    const denied = room.server.ask((calls, now) => calls.mutate({ ops: [] }, reader, now));
    expect(denied).toMatchObject({ ok: false, problem: { code: "forbidden" } });
  });
});
