import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { item, remove, update } from "../tree/document.ts";
import { openRoom, type Room, type Visitor, WRITER } from "./room.ts";

/** Ann and others take turns, so that none of her mutations follows on another. */
function takeTurns(room: Room, from: number, to: number): void {
  const ann = room.enter("ann");
  for (let n = from; n <= to; n++) {
    ann.send({ type: "mutate", mutations: [{ mutation: n, ops: [update("a", { n })] }] });
    room.call(update("root", { n }));
    ann.hear();
  }
  room.settle();
  ann.drop();
}

/** So many of ann's mutations: counter n is seq 2n - 1. */
function alternating(mutations: number): Room {
  const room = openRoom(item("root", item("a")));
  takeTurns(room, 1, mutations);
  return room;
}

/** Ann's first 40 mutations, 60 rows of others, and 80 more of hers: her record tells of the last 64, from 57 on. */
function buried(): Room {
  const room = alternating(40);
  bury(room, 60);
  takeTurns(room, 41, 120);
  return room;
}

function repeat(visitor: Visitor, ...counters: number[]): void {
  visitor.send({ type: "mutate", mutations: counters.map((mutation) => ({ mutation, ops: [] })) });
}

/** Commits so much that others have said, in rows of about 300 KiB. */
function bury(room: Room, rows: number): void {
  for (let row = 0; row < rows; row++) room.call(update("root", { text: String(row % 10).repeat(150 * 1024) }));
}

function statements({ server }: Room, work: () => void): number {
  const before = server.sql.statements;
  work();
  return server.sql.statements - before;
}

describe("counters that come again", () => {
  it.each([
    ["in memory", (_: Room) => {}],
    ["after a crash", (room: Room) => room.server.crash()],
    [
      "after a checkpoint and a crash",
      (room: Room) => {
        room.server.ask((calls, now) => calls.stop(now));
        room.server.crash();
      },
    ],
  ])("S4 the last ones are found by one look each, however much the log has: %s", (_, lose) => {
    const room = alternating(60);
    bury(room, 40);
    lose(room);
    const ann = room.enter("ann");
    room.call(update("a", { last: true }));
    ann.hear();
    expect(statements(room, () => repeat(ann, 60, 31, 1))).toBeLessThan(10);
    expect(ann.hearShort()).toEqual(["delta 119", "delta 61", "delta 1"]);
    const call = () =>
      room.server.ask((calls, now) => calls.mutate({ client: "ann", mutation: 2, ops: [] }, WRITER, now));
    expect(statements(room, () => expect(call()).toMatchObject({ value: { seq: 3 } }))).toBeLessThan(5);
  });

  it("H11 so many are looked for at once by HTTP, and one more is tooMany", () => {
    const room = buried();
    const codes: string[] = [];
    for (let call = 0; call <= LIMITS.calls; call++)
      room.server.call((calls, now) =>
        calls
          .mutate({ client: "ann", mutation: 1, ops: [] }, WRITER, now)
          .whenDone((result) => codes.push(result.ok ? `${result.value.seq}` : result.problem.code)),
      );
    expect(codes).toEqual(["tooMany"]);
    room.settle();
    expect(codes).toEqual(["tooMany", ...Array.from({ length: LIMITS.calls }, () => "1")]);
  });

  it("S4 what is older is looked for in the log, all of it in one pass, in as many turns as it takes", () => {
    const room = buried();
    const ann = room.enter("ann");
    room.settle();
    ann.hear();
    repeat(ann, 3, 40, 2, 1, 50);
    expect(ann.hearShort()).toEqual([]);
    let turns = 0;
    for (; room.server.due !== null; turns++) {
      const before = room.server.sql.statements;
      room.server.fire();
      expect(room.server.sql.statements - before).toBeLessThan(40);
    }
    expect(ann.hearShort()).toEqual(["delta 5", "delta 79", "delta 3", "delta 1", "delta 159"]);
    expect(turns).toBeLessThan(40);
  });

  it("S4 nothing is expired that the log has, however far back, and others are served meanwhile", () => {
    const room = openRoom(item("root", item("a")));
    const ann = room.enter("ann");
    for (let n = 1; n <= 2; n++) ann.mutate(update("a", { n }));
    room.settle();
    ann.drop();
    // As rows of an earlier version have it: nothing is known of what was accepted.
    bury(room, 220);
    room.server.ask((calls, now) => calls.stop(now));
    room.server.sql.exec("UPDATE clients SET rejections = '[]'");
    room.server.crash();
    const again = room.enter("ann");
    const bob = room.enter("bob");
    repeat(again, 1, 2);
    expect(again.hear()).toEqual([]);
    bob.mutate(update("a", { bob: 1 }));
    expect(bob.hearShort()).toEqual(["delta 223"]);
    const task = room.server.call((calls, now) => calls.mutate({ client: "ann", mutation: 2, ops: [] }, WRITER, now));
    expect(task?.result).toBe(null);
    for (let turns = 0; room.server.due !== null; turns++) {
      expect(turns).toBeLessThan(1_000);
      room.server.fire();
    }
    expect(again.hearShort()).toEqual(["delta 223", "delta 1", "delta 2"]);
    expect(task?.result).toMatchObject({ ok: true, value: { seq: 2 } });
  });

  it("S4 what was never accepted is expired at once where the record tells", () => {
    const room = alternating(20);
    const ann = room.enter("ann");
    ann.send({ type: "mutate", mutations: [{ mutation: 50, ops: [remove("ghost")] }] });
    room.settle();
    bury(room, 20);
    const again = room.enter("ann");
    room.settle();
    expect(statements(room, () => repeat(again, 30, 49))).toBeLessThan(5);
    expect(again.hearShort()).toEqual(["reject 30 expired", "reject 49 expired"]);
  });

  it("S9 S4 what is asked for meanwhile, and what the socket may not be sent yet, is answered after it", () => {
    const room = buried();
    const ann = room.enter("ann");
    room.settle();
    ann.hear();
    repeat(ann, 5);
    repeat(ann, 6, 120);
    ann.send({ type: "mutate", mutations: [{ mutation: 121, ops: [update("a", { n: 121 })] }] });
    repeat(ann, 121, 7);
    room.settle();
    const heard = ann.hearShort().filter((short) => !short.startsWith("sync"));
    expect(heard).toEqual(["delta 301", "delta 9", "delta 11", "delta 299", "delta 301", "delta 13"]);
  });

  it("S4 whoever goes away meanwhile is looked for no longer", () => {
    const room = buried();
    const ann = room.enter("ann");
    room.settle();
    repeat(ann, 1);
    expect(room.server.due).not.toBe(null);
    ann.drop();
    room.settle();
    expect(room.server.due).toBe(null);
  });
});
