import { describe, expect, it } from "vitest";
import { insert, item, remove } from "../tree/document.ts";
import { alarmIn, begin, checkpointNow, evict, HOUR, infoOf, MINUTE, ping, SECOND, storedSeq } from "./life.ts";
import { find } from "./look.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

/** Only grace and checkpoints at its end: nothing else sets the alarm. */
const GRACE_ALONE = { sweepInterval: null, snapshotInterval: null };

function stop({ server }: Room): void {
  expect(server.ask((calls, now) => calls.stop(now))).toMatchObject({ ok: true });
}

describe("the life of a document", () => {
  it("L3 active while someone has joined, then grace, then asleep with everything in the checkpoint and no alarm", () => {
    const room = begin(GRACE_ALONE);
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.mutate(insert("b", "root"));
    ann.drop();
    room.wait(HOUR);
    expect([infoOf(room).state, alarmIn(room), storedSeq(room)]).toEqual(["active", null, 0]);
    bob.drop();
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["grace", 30 * SECOND]);
    room.wait(30 * SECOND - 1);
    expect([infoOf(room).state, storedSeq(room)]).toEqual(["grace", 0]);
    room.wait(1);
    expect([alarmIn(room), storedSeq(room)]).toEqual([null, 1]);
    expect(infoOf(room)).toMatchObject({ state: "asleep", checkpointSeq: 1 });
    expect(alarmIn(room)).toBe(null);
  });

  it("L3 leaving is leaving, whether it is said, closed or found out", () => {
    const ways: ((room: Room) => void)[] = [
      (room) => room.enter("ann").send({ type: "leave" }),
      (room) => room.enter("ann").drop(),
      (room) => room.enter("ann").sendText("no message"),
      (room) => {
        const ann = room.enter("ann");
        evict(room);
        ann.drop();
      },
    ];
    for (const leave of ways) {
      const room = begin();
      leave(room);
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["grace", 30 * SECOND]);
      room.wait(HOUR);
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
    }
    const room = begin();
    const ann = room.enter("ann");
    ping(room, ann);
    // Sweeps come after 1, 2 and 4 minutes; the second one finds out.
    room.wait(3 * MINUTE);
    expect([ann.closed?.code, infoOf(room).state]).toEqual([4008, "grace"]);
    room.wait(30 * SECOND);
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
  });

  it("L3 nobody who has not joined keeps a document from its sleep", () => {
    const room = begin({ ...GRACE_ALONE, sweepInterval: MINUTE });
    const ann = room.enter("ann");
    room.wait(45 * SECOND);
    room.connect();
    ann.drop();
    expect(infoOf(room).state).toBe("grace");
    room.wait(30 * SECOND);
    expect(infoOf(room).state).toBe("asleep");
    room.wait(HOUR);
    expect([infoOf(room).state, alarmIn(room), room.server.open()]).toEqual(["asleep", null, []]);
  });

  it("L3 a join cancels grace, whatever happens to memory meanwhile; the next grace is a whole one", () => {
    for (const lose of [() => {}, evict]) {
      const room = begin(GRACE_ALONE);
      room.enter("ann").drop();
      lose(room);
      room.wait(29 * SECOND);
      const bob = room.enter("bob");
      // The alarm that was set finds out (B26).
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["active", SECOND]);
      lose(room);
      room.wait(HOUR);
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["active", null]);
      lose(room);
      bob.drop();
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["grace", 30 * SECOND]);
    }
  });

  it("L3 a socket that connects, and one that is refused, cancel nothing", () => {
    const room = begin(GRACE_ALONE);
    room.enter("ann").drop();
    room.wait(20 * SECOND);
    room.connect();
    room.connect().sendText("no message");
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["grace", 10 * SECOND]);
    room.wait(10 * SECOND);
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
  });

  it("L3 a mutation by HTTP with nobody there begins grace, more of them do not put it off, reading begins none", () => {
    const room = begin(GRACE_ALONE);
    infoOf(room);
    find(room.server);
    room.server.ask((calls, now) => calls.mutate({ ops: [remove("ghost")] }, WRITER, now));
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
    room.call(insert("b", "root"));
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["grace", 30 * SECOND]);
    room.wait(20 * SECOND);
    room.call(insert("c", "root"));
    expect(alarmIn(room)).toBe(10 * SECOND);
    room.wait(10 * SECOND);
    expect([storedSeq(room), alarmIn(room)]).toEqual([2, null]);
    room.call(insert("d", "root"));
    expect(alarmIn(room)).toBe(30 * SECOND);
  });

  it("L3 at the end of grace the memory is let go: the document is read anew", () => {
    const room = begin(GRACE_ALONE);
    room.call(insert("b", "root"));
    room.wait(30 * SECOND);
    const before = room.server.sql.statements;
    room.server.sql.exec("UPDATE nodes SET type = 'changed' WHERE id = 'b'");
    const found = find(room.server);
    expect(found?.ok && found.value.view.get("b")?.type).toBe("changed");
    expect(room.server.sql.statements).toBeGreaterThan(before + 1);
  });

  it("L3 a grace of nothing ends at the next alarm", () => {
    const room = begin({ ...GRACE_ALONE, gracePeriod: 0 });
    room.enter("ann").drop();
    expect(alarmIn(room)).toBe(100);
    room.wait(100);
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
    // And one that begins soon after, 40 s after it (B26).
    room.enter("bob").drop();
    expect(alarmIn(room)).toBe(40 * SECOND);
    room.wait(40 * SECOND);
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
  });

  it.each([0, 500, 10 * SECOND])(
    "L3 H9 who reads an export is waited for, without a loop of alarms (%i)",
    (gracePeriod) => {
      const room = begin({ ...GRACE_ALONE, gracePeriod });
      room.call(insert("b", "root"));
      const reading = room.server.call((calls, now) => calls.export(now));
      if (!reading?.ok) throw new Error("no export");
      const before = room.server.alarmWrites;
      room.wait(25 * SECOND);
      expect(infoOf(room).state).toBe("grace");
      const lines = reading.value.next(room.server.now)?.trim().split("\n") ?? [];
      expect(lines.map((line) => JSON.parse(line).id)).toEqual(["root", "a", "b"]);
      room.wait(MINUTE);
      // Nobody has read on for 30 s.
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
      expect(() => reading.value.next(room.server.now)).toThrow("broken off");
      expect(room.server.alarmWrites - before).toBeLessThanOrEqual(5);
    },
  );

  it("L3 a crash takes everyone along: grace begins when the object notices", () => {
    const notices: ((room: Room) => void)[] = [infoOf, (room) => room.wait(MINUTE), (room) => void room.connect()];
    for (const notice of notices) {
      const room = begin();
      room.enter("ann");
      room.server.crash();
      notice(room);
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["grace", 30 * SECOND]);
    }
  });

  it("L3 when the grace of a crashed object ends, what was not in a checkpoint is", () => {
    const room = begin();
    room.enter("ann").mutate(insert("b", "root"));
    room.server.crash();
    room.wait(HOUR);
    expect([storedSeq(room), alarmIn(room), infoOf(room).state]).toEqual([1, null, "asleep"]);
  });
});

describe("the end of a document", () => {
  it("L12 after a stop nothing is due", () => {
    const room = begin();
    const ann = room.enter("ann");
    ann.mutate(insert("b", "root"));
    room.wait(MINUTE);
    const silent = room.connect();
    ann.mutate(insert("c", "root"));
    expect(alarmIn(room)).not.toBe(null);
    stop(room);
    expect([ann.closed?.code, silent.closed?.code]).toEqual([4000, 4000]);
    expect([alarmIn(room), infoOf(room).state, storedSeq(room)]).toEqual([null, "asleep", 2]);
    room.settle();
    evict(room);
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
    room.enter("ann");
    expect(alarmIn(room)).toBe(MINUTE);
  });

  it("L12 a stop in the grace period ends it", () => {
    const room = begin();
    room.enter("ann").drop();
    room.wait(SECOND);
    stop(room);
    expect([alarmIn(room), infoOf(room).state]).toEqual([null, "asleep"]);
  });

  it("L12 an alarm that comes after the document was deleted, or before there is one, does nothing", () => {
    const room = openRoom(item("root"));
    room.call(insert("a", "root"));
    const { alarm } = room.server;
    if (alarm === null) throw new Error("grace has begun");
    expect(room.server.call((calls) => calls.destroy())).toMatchObject({ ok: true });
    for (const table of ["nodes", "events", "clients", "meta", "journal", "skips", "versions"])
      room.server.sql.exec(`DROP TABLE ${table}`);
    room.server.evict();
    room.server.now = alarm;
    room.server.ring(alarm);
    expect([alarmIn(room), room.server.sql.exec("SELECT name FROM sqlite_master")]).toEqual([null, []]);
    room.wait(HOUR);
    room.enter("ann");
    expect(checkpointNow(room)).toMatchObject({ state: "active", seq: 0 });
  });
});
