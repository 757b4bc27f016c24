import { describe, expect, it } from "vitest";
import type { OptionsInput } from "../../src/protocol/index.ts";
import { insert } from "../tree/document.ts";
import { alarmIn, begin, evict, HOUR, infoOf, MINUTE, pingsOn, SECOND, storedSeq } from "./life.ts";
import type { Room } from "./room.ts";

/** What something costs: rows without alarms, and how often the alarm was set. */
function costOf(room: Room, what: () => void): { rows: number; alarms: number } {
  const { sql, alarmWrites } = room.server;
  const { totalRows } = sql;
  what();
  return { rows: sql.totalRows - totalRows, alarms: room.server.alarmWrites - alarmWrites };
}

/** Comes and goes for so long, with so much time in between. */
function come(room: Room, time: number, pause: number, visit: (room: Room) => void): void {
  for (const until = room.server.now + time; room.server.now < until; room.wait(pause)) visit(room);
}

/** A row, or an alarm, in ten seconds, and one to begin with. */
const most = (time: number) => time / (10 * SECOND) + 1;

const VISITS: readonly [string, (room: Room) => void][] = [
  ["who connect and go", (room) => room.connect().drop()],
  [
    "who connect and go a moment later",
    (room) => {
      const visitor = room.connect();
      room.wait(7);
      visitor.drop();
    },
  ],
  ["who join and go", (room) => room.enter("ann").drop()],
  ["who join and leave", (room) => room.enter("ann").send({ type: "leave" })],
  [
    "who join a moment after the last has gone",
    (room) => {
      const visitor = room.enter("ann");
      room.wait(11);
      visitor.drop();
    },
  ],
  ["who join again while they are there", (room) => void room.enter("ann")],
];

describe("coming and going", () => {
  for (const [who, visit] of VISITS) {
    for (const pause of [40, SECOND]) {
      it(`B26 of those ${who}, every ${pause} ms, costs a row and an alarm in ten seconds at most`, () => {
        const room = begin();
        const cost = costOf(room, () => come(room, 200 * SECOND, pause, visit));
        expect(cost.rows).toBeLessThanOrEqual(most(200 * SECOND));
        expect(cost.alarms).toBeLessThanOrEqual(most(200 * SECOND));
      });
    }
  }

  for (const gracePeriod of [0, 100, SECOND, 7 * SECOND, 10 * SECOND, 20 * SECOND, 5 * MINUTE]) {
    it(`B26 whatever the grace period is (${gracePeriod}), and also where the visitor waits for the document to sleep`, () => {
      for (const pause of [40, 150, 1_100, 11 * SECOND, 31 * SECOND]) {
        const room = begin({ gracePeriod });
        const time = pause < 10 * SECOND ? 3 * MINUTE : 40 * MINUTE;
        const cost = costOf(room, () =>
          come(room, time, pause, () => {
            room.enter("ann").drop();
            if (pause >= 10 * SECOND) evict(room);
          }),
        );
        expect(cost.rows, `every ${pause} ms`).toBeLessThanOrEqual(most(time));
        expect(cost.alarms, `every ${pause} ms`).toBeLessThanOrEqual(most(time));
      }
    });
  }

  it("B26 beside somebody who stays costs as little", () => {
    const room = begin();
    pingsOn(room, room.enter("bob"));
    room.wait(4 * HOUR);
    const cost = costOf(room, () => come(room, 10 * MINUTE, 40, (each) => each.enter("ann").drop()));
    // Sweeps, a minute after one who came, and what brings them nearer.
    expect(cost.rows).toBeLessThanOrEqual(21);
    expect(cost.alarms).toBeLessThanOrEqual(21);
  });

  it("B26 once costs what it did: a sweep, a grace, a sleep", () => {
    const room = begin();
    const visit = () => {
      const ann = room.enter("ann");
      room.wait(SECOND);
      ann.drop();
      room.wait(HOUR);
    };
    expect(costOf(room, visit)).toEqual({ rows: 3, alarms: 2 });
    expect(costOf(room, visit)).toEqual({ rows: 3, alarms: 2 });
    expect([infoOf(room).state, alarmIn(room)]).toEqual(["asleep", null]);
    const other = begin();
    expect(
      costOf(other, () => {
        other.connect().drop();
        other.wait(HOUR);
      }),
    ).toEqual({ rows: 2, alarms: 1 });
    expect(alarmIn(other)).toBe(null);
  });
});

describe("grace of those who come and go", () => {
  const QUIET: OptionsInput = { sweepInterval: null, snapshotInterval: null };
  /** Seconds until the document sleeps. */
  function sleepsIn(room: Room): number {
    let seconds = 0;
    for (; infoOf(room).state !== "asleep"; seconds++) {
      if (seconds > 3_600) throw new Error("it never sleeps");
      room.wait(SECOND);
    }
    return seconds;
  }

  it("B26 L3 ends exactly when it has to for who comes once, or comes back later", () => {
    const room = begin(QUIET);
    room.enter("ann").drop();
    expect(sleepsIn(room)).toBe(30);
    room.wait(MINUTE);
    room.enter("ann").drop();
    room.wait(25 * SECOND);
    room.enter("ann").drop();
    expect(sleepsIn(room)).toBe(30);
  });

  it("B26 L3 is never shorter than it has to be, and at most 20 s longer, however often somebody has left in it", () => {
    for (let back = 1; back < 30; back++) {
      const room = begin(QUIET);
      room.enter("ann").drop();
      room.wait(back * SECOND);
      room.enter("ann").drop();
      const seconds = sleepsIn(room);
      expect(seconds, `back after ${back} s`).toBeGreaterThanOrEqual(30);
      expect(seconds, `back after ${back} s`).toBeLessThanOrEqual(50);
    }
  });

  it("B26 L3 after a hibernation it may end up to 20 s too soon, and no later", () => {
    for (let back = 1; back < 30; back++) {
      const room = begin(QUIET);
      room.enter("ann").drop();
      room.wait(back * SECOND);
      room.enter("ann").drop();
      evict(room);
      const seconds = sleepsIn(room);
      expect(seconds, `back after ${back} s`).toBeGreaterThanOrEqual(10);
      expect(seconds, `back after ${back} s`).toBeLessThanOrEqual(30);
    }
  });

  it("B26 L3 ends at most 40 s after the last one that was over, where a shorter one would end sooner", () => {
    const room = begin({ ...QUIET, gracePeriod: SECOND });
    room.enter("ann").drop();
    expect(sleepsIn(room)).toBe(1);
    room.wait(9 * SECOND);
    room.enter("ann").drop();
    expect(sleepsIn(room)).toBe(31);
    // What was changed is not kept waiting.
    room.enter("ann").mutate(insert("b", "root"));
    for (const id of room.server.open()) room.server.gone(id);
    expect(sleepsIn(room)).toBe(1);
    expect(storedSeq(room)).toBe(1);
  });

  it("B26 L3 does not end for who has joined in it, whatever the object forgets, and begins when he leaves", () => {
    for (const lose of [() => {}, evict]) {
      const room = begin(QUIET);
      room.enter("ann").drop();
      room.wait(5 * SECOND);
      const bob = room.enter("bob");
      lose(room);
      room.wait(24 * SECOND);
      expect([infoOf(room).state, alarmIn(room)]).toEqual(["active", SECOND]);
      lose(room);
      room.wait(MINUTE);
      expect([infoOf(room).state, alarmIn(room), bob.closed]).toEqual(["active", null, null]);
      lose(room);
      bob.drop();
      expect(sleepsIn(room)).toBe(30);
    }
  });

  it("B26 L3 begins for who is found dead by the very alarm that would have ended an earlier one", () => {
    const room = begin({ gracePeriod: MINUTE, snapshotInterval: null });
    const bob = room.enter("bob");
    bob.drop();
    const ann = room.enter("ann");
    room.server.pings.set(ann.id, room.server.now - 31 * SECOND);
    room.wait(MINUTE);
    expect([ann.closed?.code, infoOf(room).state]).toEqual([4008, "grace"]);
    expect(sleepsIn(room)).toBe(60);
  });

  it("B26 L2 a crash leaves what was stored, and the document sleeps in the end", () => {
    const visits: ((room: Room) => void)[] = [
      (room) => room.connect().drop(),
      (room) => room.enter("ann").drop(),
      (room) => void room.enter("ann"),
      (room) => void room.connect(),
    ];
    for (const first of visits) {
      for (const second of visits) {
        const room = begin();
        first(room);
        room.wait(SECOND);
        second(room);
        room.server.crash();
        room.wait(HOUR);
        expect([alarmIn(room), infoOf(room).state, room.server.open()]).toEqual([null, "asleep", []]);
      }
    }
  });
});
