import { describe, expect, it } from "vitest";
import { insert, item } from "../tree/document.ts";
import { alarmIn, begin, checkpointNow, evict, HOUR, infoOf, MINUTE, SECOND, storedSeq } from "./life.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

/** What is stored of what is due. */
function storedDue({ server }: Room): object {
  const [row] = server.sql.exec("SELECT value FROM meta WHERE key = 'life'");
  return JSON.parse(String(row?.value)).due;
}

/** Grace, a checkpoint and a sweep are due at once: someone has not joined, and someone has changed something. */
function crowded(): Room {
  const room = begin({ gracePeriod: 30 * SECOND, snapshotInterval: 20 * SECOND, sweepInterval: 40 * SECOND });
  room.connect();
  room.call(insert("b", "root"));
  return room;
}

describe("the alarm", () => {
  it("L1 is for the earliest of all that is due, and there is none when nothing is", () => {
    const room = crowded();
    const until: (number | null)[] = [alarmIn(room)];
    for (let next = alarmIn(room); next !== null; next = alarmIn(room)) {
      room.wait(next);
      until.push(alarmIn(room));
    }
    // The checkpoint at 20 s, the end of grace at 30 s; the sweep begins anew there and finds the silent one 40 s later,
    // and grace for whom it might have been ends after it.
    expect(until.slice(0, 3)).toEqual([20 * SECOND, 10 * SECOND, 40 * SECOND]);
    expect(room.server.open()).toEqual([]);
    expect(until.at(-1)).toBe(null);
  });

  it("L1 nothing that is only looked at has one", () => {
    const room = openRoom(item("root"));
    infoOf(room);
    evict(room);
    infoOf(room);
    expect([alarmIn(room), room.server.alarmWrites]).toEqual([null, 0]);
    const nowhere = openRoom();
    nowhere.connect();
    expect(alarmIn(nowhere)).toBe(null);
  });

  it("L2 due times are stored with what makes them due, and outlive any loss of memory", () => {
    for (const lose of [(room: Room) => evict(room), (room: Room) => room.server.crash()]) {
      const room = crowded();
      const { now } = room.server;
      const due = storedDue(room);
      expect(due).toMatchObject({ grace: now + 30_000, checkpoint: now + 20_000, sweep: now + 40_000 });
      lose(room);
      room.server.now += 5 * SECOND;
      expect([alarmIn(room), storedDue(room)]).toEqual([15 * SECOND, due]);
      room.wait(15 * SECOND);
      expect([storedSeq(room), alarmIn(room)]).toEqual([1, 10 * SECOND]);
    }
  });

  const uses: [string, (room: Room) => void][] = [
    ["a call", infoOf],
    ["a socket that connects", (room) => void room.connect()],
    ["someone who joins", (room) => void room.enter("eve")],
    ["a change of options", (room) => void checkpointNow(room)],
    ["a mutation", (room) => void room.call(insert("late", "root"))],
  ];
  for (const [what, use] of uses) {
    it(`L2 an alarm that was lost is set again by ${what}, and everything comes in its time`, () => {
      const room = crowded();
      room.server.loseAlarm();
      room.server.crash();
      room.wait(HOUR);
      expect([alarmIn(room), storedSeq(room)]).toEqual([null, 0]);
      use(room);
      expect(alarmIn(room)).not.toBe(null);
      for (const each of room.server.open()) room.server.gone(each);
      room.wait(HOUR);
      expect(alarmIn(room)).toBe(null);
      expect(infoOf(room)).toMatchObject({ state: "asleep", checkpointSeq: infoOf(room).seq });
    });
  }

  it("L2 an alarm that was lost is set again by a message, and by a close", () => {
    for (const use of ["message", "close"]) {
      const room = begin();
      const [ann, bob] = [room.enter("ann"), room.enter("bob")];
      room.server.loseAlarm();
      evict(room);
      room.wait(HOUR);
      if (use === "message") ann.send({ type: "presence", data: 1 });
      else bob.drop();
      expect(alarmIn(room), use).not.toBe(null);
    }
  });

  it("L2 without intervals a crash leaves nothing due; the next use sees to what it left", () => {
    const room = begin({ snapshotInterval: null, sweepInterval: null });
    room.enter("ann").mutate(insert("b", "root"));
    room.server.crash();
    expect(alarmIn(room)).toBe(null);
    infoOf(room);
    expect(alarmIn(room)).toBe(30 * SECOND);
    room.wait(30 * SECOND);
    expect([storedSeq(room), alarmIn(room)]).toEqual([1, null]);
  });

  it("L2 S14 what could not be stored is not due, and an alarm that failed comes again", () => {
    const room = begin({ sweepInterval: null });
    room.call(insert("b", "root"));
    room.server.sql.failAt(1);
    room.wait(30 * SECOND);
    expect([room.server.failures, storedSeq(room), alarmIn(room)]).toEqual([1, 0, 30 * SECOND]);
    room.wait(30 * SECOND);
    expect([storedSeq(room), alarmIn(room)]).toEqual([1, null]);
  });

  it("L2 S14 whichever statement fails while an alarm does its work, it is done in the end", () => {
    for (let statement = 1; statement < 40; statement++) {
      const room = crowded();
      room.server.sql.failAt(statement);
      room.wait(20 * SECOND);
      room.wait(HOUR);
      if (statement < 18) expect(room.server.failures, `statement ${statement}`).toBe(1);
      room.server.sql.failAt(null);
      expect([storedSeq(room), alarmIn(room), room.server.open()], `statement ${statement}`).toEqual([1, null, []]);
      expect(infoOf(room)).toMatchObject({ state: "asleep", seq: 1 });
    }
  });
});

describe("an alarm", () => {
  it("L6 that is late does what it would have done", () => {
    for (const lose of [() => {}, evict]) {
      const room = crowded();
      lose(room);
      room.server.now += HOUR;
      room.server.ring();
      expect([storedSeq(room), room.server.open(), infoOf(room).state]).toEqual([1, [], "asleep"]);
    }
  });

  it("L6 that is early has come all the same, whatever the clock says", () => {
    for (const lose of [() => {}, evict]) {
      const room = crowded();
      lose(room);
      room.server.now += SECOND;
      room.server.ring();
      expect([storedSeq(room), infoOf(room).state]).toEqual([1, "grace"]);
      room.server.ring();
      expect(infoOf(room).state).toBe("asleep");
    }
  });

  it("L6 that comes twice does nothing the second time", () => {
    for (const lose of [() => {}, evict]) {
      const room = crowded();
      const { alarm } = room.server;
      if (alarm === null) throw new Error("something is due");
      room.wait(20 * SECOND);
      expect(storedSeq(room)).toBe(1);
      room.call(insert("c", "root"));
      const [due, next] = [storedDue(room), alarmIn(room)];
      lose(room);
      room.server.ring(alarm);
      expect([storedSeq(room), storedDue(room), alarmIn(room)]).toEqual([1, due, next]);
    }
  });

  it("L6 that comes too late for its grace, after a join, puts nobody to sleep", () => {
    const room = begin({ sweepInterval: null });
    room.enter("ann").drop();
    const { alarm } = room.server;
    if (alarm === null) throw new Error("grace has begun");
    room.server.now = alarm + SECOND;
    const bob = room.enter("bob");
    room.server.ring(alarm);
    expect([infoOf(room).state, bob.closed]).toEqual(["active", null]);
    evict(room);
    room.server.ring(alarm);
    expect([infoOf(room).state, bob.closed]).toEqual(["active", null]);
  });

  it("L6 S2 D4 while mutations wait for their window commits them first: no checkpoint is ahead of the log", () => {
    const room = begin({ snapshotInterval: MINUTE, sweepInterval: null });
    const ann = room.enter("ann");
    ann.mutate(insert("b", "root"));
    room.settle();
    room.server.now += MINUTE - 20;
    ann.mutate(insert("c", "root"));
    room.server.now += 20;
    ann.mutate(insert("d", "root"));
    room.server.ring();
    expect(storedSeq(room)).toBe(3);
    room.settle();
    expect(ann.hearShort()).toEqual(["delta 1", "delta 2", "delta 3"]);
    room.server.crash();
    expect(infoOf(room)).toMatchObject({ seq: 3, treeSize: 5 });
  });

  it("L6 between any two steps of a life the object may sleep or crash", () => {
    const steps: ((room: Room) => void)[] = [
      (room) => void room.enter("ann"),
      (room) => void room.call(insert("b", "root")),
      (room) => room.wait(SECOND),
      (room) => void room.enter("bob"),
      (room) => room.wait(MINUTE),
      (room) => void room.call(insert("c", "root")),
      (room) => room.server.gone("s1"),
      (room) => room.server.gone("s2"),
      (room) => room.wait(SECOND),
      (room) => void room.server.ask((calls, now) => calls.mutate({ ops: [insert("d", "root")] }, WRITER, now)),
      (room) => room.wait(10 * SECOND),
    ];
    for (const lose of ["evict", "crash"] as const) {
      for (let at = 0; at <= steps.length; at++) {
        for (let again = at; again <= steps.length; again++) {
          const room = begin();
          for (const [index, step] of steps.entries()) {
            if (index === at || index === again) {
              room.settle();
              room.server[lose]();
            }
            step(room);
          }
          room.wait(HOUR);
          expect([alarmIn(room), storedSeq(room)], `${lose} at ${at} and ${again}`).toEqual([null, 3]);
          expect(infoOf(room)).toMatchObject({ state: "asleep", seq: 3, treeSize: 5 });
        }
      }
    }
  });
});
