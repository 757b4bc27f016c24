import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/tree/index.ts";
import { insert, update } from "../tree/document.ts";
import { alarmIn, begin, evict, HOUR, infoOf, MINUTE, SECOND, storedSeq } from "./life.ts";
import { dataOf } from "./look.ts";
import type { Room } from "./room.ts";

const MiB = 1024 * 1024;

/** Alone with checkpoints: nobody leaves, nobody is looked for. */
function occupied(snapshotInterval: number | null): Room {
  const room = begin({ sweepInterval: null, snapshotInterval });
  room.enter("ann");
  return room;
}

let digits = 0;

/** Each time it is another text. */
function half(): Operation {
  return update("a", { text: String(digits++ % 10).repeat(MiB / 2) });
}

function insertMany(room: Room, id: string, nodes: number): void {
  const children = Array.from({ length: nodes }, (_, index) => ({ id: `${id}-${index}`, type: "n" }));
  room.call({ op: "insert", node: { id, type: "n", children }, parent: "root" });
}

describe("checkpoints", () => {
  it("L4 one comes an interval after the first change since the last one, whatever comes after that", () => {
    const room = occupied(MINUTE);
    room.wait(HOUR);
    expect(alarmIn(room)).toBe(null);
    room.call(insert("b", "root"));
    expect(alarmIn(room)).toBe(MINUTE);
    room.wait(40 * SECOND);
    room.call(insert("c", "root"));
    expect(alarmIn(room)).toBe(20 * SECOND);
    room.wait(20 * SECOND - 1);
    expect(storedSeq(room)).toBe(0);
    room.wait(1);
    expect([storedSeq(room), alarmIn(room)]).toEqual([2, null]);
    room.wait(SECOND);
    room.call(insert("d", "root"));
    expect(alarmIn(room)).toBe(MINUTE);
    evict(room);
    room.wait(MINUTE);
    expect([storedSeq(room), alarmIn(room)]).toEqual([3, null]);
    expect(infoOf(room)).toMatchObject({ seq: 3, checkpointSeq: 3, treeSize: 5 });
  });

  it("L4 the interval is the document's own, to the millisecond", () => {
    for (const interval of [100, 1_234, 10 * MINUTE]) {
      const room = occupied(interval);
      room.call(insert("b", "root"));
      room.wait(interval - 1);
      expect(storedSeq(room)).toBe(0);
      room.wait(1);
      expect(storedSeq(room)).toBe(1);
    }
  });

  it("L4 a mutation that is refused makes none due, nor does reading", () => {
    const room = occupied(MINUTE);
    const bob = room.enter("bob");
    bob.mutate({ op: "remove", id: "ghost" });
    room.settle();
    bob.send({ type: "presence", data: 1 });
    infoOf(room);
    expect(alarmIn(room)).toBe(null);
  });

  it("L4 without an interval none comes by time, but one at the end of grace", () => {
    const room = occupied(null);
    room.call(insert("b", "root"));
    room.wait(24 * HOUR);
    expect([storedSeq(room), alarmIn(room)]).toEqual([0, null]);
    room.server.gone("s1");
    room.wait(30 * SECOND);
    expect(storedSeq(room)).toBe(1);
  });

  it("L4 20 000 events are enough for one", () => {
    const room = occupied(null);
    const bob = room.enter("bob");
    const mutations = (from: number, count: number) =>
      bob.send({
        type: "mutate",
        mutations: Array.from({ length: count }, (_, index) => ({
          mutation: from + index,
          ops: [update("a", { x: from + index })],
        })),
      });
    let sent = 0;
    for (; sent < 19_968; sent += 256) mutations(sent + 1, 256);
    room.settle();
    mutations(sent + 1, 31);
    room.settle();
    expect([infoOf(room).seq, storedSeq(room)]).toEqual([19_999, 0]);
    mutations(20_000, 1);
    room.settle();
    expect(storedSeq(room)).toBe(20_000);
  });

  it("L4 4 Mi characters are enough for one, and it is counted anew after it", () => {
    const room = occupied(null);
    // An update has its new value in the event and its old one in the inverse.
    for (let each = 0; each < 4; each++) room.call(half());
    expect(storedSeq(room)).toBe(0);
    room.call(half());
    expect(storedSeq(room)).toBe(5);
    for (let each = 0; each < 3; each++) room.call(half());
    expect(storedSeq(room)).toBe(5);
    room.call(half());
    expect(storedSeq(room)).toBe(9);
  });

  it("L4 what the log had before a sleep counts", () => {
    const room = occupied(null);
    for (let each = 0; each < 4; each++) room.call(half());
    evict(room);
    room.call(half());
    expect(storedSeq(room)).toBe(5);
  });

  it("L4 20 000 changed nodes are enough for one, which is written in turns", () => {
    const room = occupied(null);
    for (let each = 0; each < 2; each++) {
      expect(storedSeq(room)).toBe(0);
      insertMany(room, `t${each}`, 9_999);
    }
    expect(storedSeq(room), "it goes on").toBe(0);
    let turns = 0;
    for (; storedSeq(room) === 0; turns++) {
      const before = room.server.sql.statements;
      room.server.fire();
      expect(room.server.sql.statements - before).toBeLessThan(20);
    }
    expect(turns).toBeGreaterThan(30);
    // Each time the last child of the root is changed as well.
    expect(storedSeq(room)).toBe(2);
  });

  it("L4 one by time is written in turns, too, while others go on, and rings once", () => {
    const room = occupied(MINUTE);
    insertMany(room, "t", 5_000);
    room.wait(MINUTE - 1);
    room.server.now++;
    room.server.ring();
    expect([storedSeq(room), alarmIn(room)]).toEqual([0, MINUTE]);
    room.call(insert("b", "root"));
    room.settle();
    expect([storedSeq(room), alarmIn(room)]).toEqual([2, null]);
  });

  it("S3 one that a crash breaks off has changed nothing", () => {
    const [room, unharmed] = [occupied(null), occupied(null)];
    for (const each of [room, unharmed]) for (const id of ["t0", "t1"]) insertMany(each, id, 9_999);
    for (let turn = 0; turn < 5; turn++) room.server.fire();
    room.server.crash();
    expect(storedSeq(room)).toBe(0);
    expect(dataOf(room.server)).toEqual(dataOf(unharmed.server));
  });

  it("L4 one by size takes the place of the one by time", () => {
    const room = occupied(MINUTE);
    room.call(insert("b", "root"));
    room.wait(SECOND);
    for (let each = 0; each < 5; each++) room.call(half());
    expect([storedSeq(room), alarmIn(room)]).toEqual([6, null]);
    room.call(insert("c", "root"));
    expect(alarmIn(room)).toBe(MINUTE);
  });
});
