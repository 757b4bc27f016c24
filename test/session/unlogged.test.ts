import { describe, expect, it } from "vitest";
import { insert, remove, update } from "../tree/document.ts";
import {
  alarmIn,
  begin,
  checkpointNow,
  configure,
  evict,
  HOUR,
  infoOf,
  loggedSeqs,
  MINUTE,
  NOTICES,
  type Notice,
  SECOND,
  storedSeq,
} from "./life.ts";
import { find } from "./look.ts";
import type { Room, Visitor } from "./room.ts";
import { commit, eventsOf, KiB, stall } from "./traffic.ts";

function incarnationOf(visitor: Visitor): string {
  const [welcome] = visitor.hear();
  if (welcome?.type !== "welcome") throw new Error("a welcome comes first");
  return welcome.incarnation;
}

function counterOf(visitor: Visitor): number {
  const [welcome] = visitor.hear();
  if (welcome?.type !== "welcome") throw new Error("a welcome comes first");
  return welcome.mutation;
}

function unlogged(options: object = {}): Room {
  return begin({ documentStorage: false, sweepInterval: null, ...options });
}

describe("without document storage", () => {
  it("L8 a commit writes no row; that a checkpoint is due is the only thing that is written", () => {
    const room = unlogged();
    room.enter("ann");
    room.call(insert("b", "root"));
    const before = room.server.sql.totalRows;
    for (let each = 0; each < 20; each++) room.call(update("b", { x: each }));
    expect([room.server.sql.totalRows, loggedSeqs(room), storedSeq(room)]).toEqual([before, [], 0]);
  });

  it("L8 the checkpoint comes 5 s after the change at the latest", () => {
    for (const [snapshotInterval, time] of [
      [MINUTE, 5 * SECOND],
      [null, 5 * SECOND],
      [SECOND, SECOND],
    ] as const) {
      const room = unlogged({ snapshotInterval });
      room.enter("ann");
      room.call(insert("b", "root"));
      expect(alarmIn(room)).toBe(time);
      room.wait(time - 1);
      room.call(insert("c", "root"));
      expect([storedSeq(room), alarmIn(room)]).toEqual([0, 1]);
      room.wait(1);
      expect([storedSeq(room), alarmIn(room)]).toEqual([2, null]);
      evict(room);
      expect(infoOf(room)).toMatchObject({ seq: 2, treeSize: 4, incarnation: "id0" });
    }
  });

  it("L8 a crash before the checkpoint begins a new incarnation with what the checkpoint has", () => {
    const room = unlogged();
    expect(incarnationOf(room.join("ann"))).toBe("id0");
    room.call(insert("b", "root"));
    room.wait(5 * SECOND);
    room.call(insert("c", "root"));
    room.server.crash();
    const ann = room.join("ann", { incarnation: "id0", seq: 2 });
    expect(ann.hear()).toMatchObject([
      { incarnation: "id2", seq: 1, resume: "snapshot" },
      { seq: 1, done: true },
    ]);
    expect(infoOf(room)).toMatchObject({ seq: 1, treeSize: 3, historyFrom: 2 });
    // It is said once: what is lost is lost, and the next sleep loses nothing more.
    evict(room);
    expect(infoOf(room).incarnation).toBe("id2");
    expect(room.call(insert("c", "root"))).toMatchObject({ seq: 2 });
    room.wait(5 * SECOND);
    room.server.crash();
    expect(infoOf(room)).toMatchObject({ incarnation: "id2", seq: 2 });
  });

  it("L8 a crash right after the checkpoint, or without a change, keeps the incarnation", () => {
    const room = unlogged();
    room.server.crash();
    expect(infoOf(room).incarnation).toBe("id0");
    room.call(insert("b", "root"));
    room.wait(5 * SECOND);
    room.server.crash();
    expect(infoOf(room)).toMatchObject({ incarnation: "id0", seq: 1, treeSize: 3 });
    const ann = room.join("ann", { incarnation: "id0", seq: 1 });
    expect(ann.hearShort()).toEqual(["welcome 1 delta"]);
  });

  const notices: readonly Notice[] = [["a call", infoOf], ...NOTICES];
  for (const [what, notice] of notices) {
    it(`L8 subscribers of what was lost are closed with 1011 when the object notices by ${what}`, () => {
      const room = unlogged();
      const [ann] = [room.enter("ann"), room.enter("bob")];
      room.call(insert("b", "root"));
      ann.hear();
      evict(room);
      notice(room, ann);
      expect([ann.hearShort(), ann.closed?.code]).toEqual([["error unavailable"], 1011]);
      expect(infoOf(room)).toMatchObject({ seq: 0, treeSize: 2 });
      const again = room.enter("ann");
      again.mutate(insert("c", "root"));
      expect(again.hearShort()).toEqual(["delta 1"]);
    });
  }

  it("L8 who is behind is caught up from memory, and from a snapshot when memory is lost", () => {
    const room = unlogged();
    const ann = room.enter("ann");
    stall(room, ann);
    commit(room, 10 * KiB);
    ann.send({ type: "sync", n: 4 });
    expect(eventsOf(ann)).toEqual([5, 6]);
    const bob = room.enter("bob");
    for (let each = 0; each < 5; each++) commit(room, 300 * KiB);
    bob.hear();
    room.wait(5 * SECOND);
    evict(room);
    bob.send({ type: "sync", n: 4 });
    expect(bob.closed?.code).toBe(4008);
    expect(room.join("bob", { incarnation: "id0", seq: 10 }).hearShort()[0]).toBe("welcome 11 snapshot");
  });

  it("L8 who comes again is sent what it missed as long as memory has it", () => {
    const room = unlogged();
    room.enter("ann");
    for (const id of ["b", "c", "d"]) room.call(insert(id, "root"));
    const resume = () => room.join("bob", { incarnation: "id0", seq: 1 }).hearShort();
    expect(resume()).toEqual(["welcome 3 delta", "delta 2-3"]);
    room.wait(5 * SECOND);
    expect(resume().slice(0, 2)).toEqual(["welcome 3 delta", "delta 2-3"]);
    evict(room);
    expect(resume()[0]).toBe("welcome 3 snapshot");
    expect(infoOf(room)).toMatchObject({ historyFrom: 4 });
    expect(find(room.server, { at: { seq: 1 } })).toMatchObject({
      problem: { code: "expired", message: expect.stringContaining("that of seq 3, not 1") },
    });
    expect(find(room.server, { at: { seq: 3 } })).toMatchObject({ ok: true, value: { seq: 3 } });
  });

  it("L8 S4 counters and rejections are in the checkpoint, where there were only rejections as well", () => {
    const endings: ((room: Room) => void)[] = [
      (room) => room.wait(5 * SECOND),
      (room) => room.wait(HOUR),
      (room) => void room.server.ask((calls, now) => calls.stop(now)),
      (room) => void checkpointNow(room),
    ];
    for (const end of endings) {
      const room = unlogged();
      const ann = room.enter("ann");
      ann.mutate(remove("ghost"));
      ann.hear();
      room.settle();
      ann.drop();
      end(room);
      evict(room);
      const again = room.join("ann");
      expect(counterOf(again)).toBe(1);
      room.call(insert("ghost", "root"));
      again.hear();
      again.send({ type: "mutate", mutations: [{ mutation: 1, ops: [remove("ghost")] }] });
      expect(again.hearShort()).toEqual(["reject 1 notFound"]);
    }
  });

  it("L8 S14 when the checkpoint fails, everyone starts again from the last one", () => {
    const room = unlogged();
    const ann = room.enter("ann");
    room.call(insert("b", "root"));
    ann.hear();
    room.server.sql.failAt(1);
    room.wait(5 * SECOND);
    expect([ann.hearShort(), ann.closed?.code, storedSeq(room)]).toEqual([["error unavailable"], 1011, 0]);
    expect(infoOf(room)).toMatchObject({ incarnation: "id2", seq: 0 });
  });

  it("L8 D12 an id that was removed can be used again when its history has gone", () => {
    const room = unlogged({ historyRetention: 0 });
    room.enter("ann");
    room.call(remove("a"));
    expect(() => room.call(insert("a", "root"))).toThrow("exists");
    room.wait(5 * SECOND);
    expect(room.call(insert("a", "root"))).toMatchObject({ seq: 2 });
  });
});

describe("switching document storage", () => {
  it("L7 L8 off: the log is gone at once, nothing of the document is", () => {
    const room = begin({ sweepInterval: null });
    const ann = room.enter("ann");
    room.call(insert("b", "root"));
    configure(room, { documentStorage: false });
    expect([loggedSeqs(room), storedSeq(room), infoOf(room).historyFrom]).toEqual([[], 1, 2]);
    room.call(insert("c", "root"));
    expect([loggedSeqs(room), ann.hearShort(), alarmIn(room)]).toEqual([[], ["delta 1", "delta 2"], 5 * SECOND]);
    room.wait(5 * SECOND);
    evict(room);
    expect(infoOf(room)).toMatchObject({ incarnation: "id0", seq: 2, treeSize: 4 });
    expect(ann.closed).toBe(null);
  });

  it("L7 L8 on: from then on nothing is lost", () => {
    const room = unlogged();
    const ann = room.enter("ann");
    room.call(insert("b", "root"));
    configure(room, { documentStorage: true });
    expect(infoOf(room)).toMatchObject({ seq: 1, checkpointSeq: 1, historyFrom: 2 });
    room.call(insert("c", "root"));
    expect([loggedSeqs(room), ann.hearShort()]).toEqual([[2], ["delta 1", "delta 2"]]);
    room.server.crash();
    expect(infoOf(room)).toMatchObject({ incarnation: "id0", seq: 2, treeSize: 4 });
  });

  it("L7 L8 there and back leaves no history with a gap", () => {
    const room = begin({ sweepInterval: null });
    room.call(insert("b", "root"));
    configure(room, { documentStorage: false });
    room.call(insert("c", "root"));
    configure(room, { documentStorage: true });
    room.call(insert("d", "root"));
    expect([loggedSeqs(room), infoOf(room).historyFrom]).toEqual([[3], 3]);
    expect(room.join("ann", { incarnation: "id0", seq: 1 }).hearShort()[0]).toBe("welcome 3 snapshot");
    expect(room.join("bob", { incarnation: "id0", seq: 2 }).hearShort()[0]).toBe("welcome 3 delta");
    evict(room);
    expect(infoOf(room)).toMatchObject({ incarnation: "id0", seq: 3, treeSize: 5 });
  });

  it("L7 L8 who is behind when it changes has to start again", () => {
    for (const documentStorage of [true, false]) {
      const room = begin({ documentStorage, sweepInterval: null });
      const ann = room.enter("ann");
      stall(room, ann);
      configure(room, { documentStorage: !documentStorage });
      commit(room, KiB);
      ann.send({ type: "sync", n: 4 });
      expect(ann.closed?.code).toBe(4008);
      expect(room.join("ann", { incarnation: "id0", seq: 4 }).hearShort()[0]).toBe("welcome 6 snapshot");
    }
  });
});
