import { describe, expect, it } from "vitest";
import { insert, item, update } from "../tree/document.ts";
import { alarmIn, begin, configure, evict, HOUR, infoOf, MINUTE, pausesOf, ping, pingsOn, SECOND } from "./life.ts";
import type { Room, Visitor } from "./room.ts";
import { stall } from "./traffic.ts";

/** Time passes in which a visitor pings every 25 s and the object sleeps whenever it can. */
function pinging(room: Room, visitor: Visitor, time: number): void {
  for (let passed = 0; passed < time; passed += 25 * SECOND) {
    ping(room, visitor);
    evict(room);
    room.wait(25 * SECOND);
  }
}

describe("sweeps", () => {
  it("L5 close who has pinged and then not for 90 s, with 4008, and tell the others", () => {
    const room = begin();
    const [ann, bob] = [room.join("ann", { presence: 1 }), room.enter("bob")];
    ping(room, ann);
    pinging(room, bob, 175 * SECOND);
    expect([ann.closed, room.server.open()]).toEqual([null, [ann.id, bob.id]]);
    bob.hear();
    pinging(room, bob, 25 * SECOND);
    expect([ann.closed?.code, bob.closed]).toEqual([4008, null]);
    expect(ann.hearShort().at(-1)).toBe("error tooSlow");
    expect(bob.hearShort()).toEqual([`presence ${ann.id}`]);
  });

  it("L5 to the millisecond", () => {
    for (const [silence, code] of [
      [90 * SECOND, undefined],
      [90 * SECOND + 1, 4008],
    ]) {
      const room = begin();
      const ann = room.enter("ann");
      room.server.pings.set(ann.id, room.server.now + MINUTE - (silence ?? 0));
      room.wait(MINUTE);
      expect(ann.closed?.code).toBe(code);
    }
  });

  it("L5 close who has not joined for 30 s, with 4010: on a document that was asleep as well", () => {
    for (const wake of [() => {}, (room: Room) => void infoOf(room)]) {
      const room = begin();
      evict(room);
      wake(room);
      room.wait(HOUR);
      const silent = room.connect();
      ping(room, silent);
      expect(alarmIn(room)).toBe(MINUTE);
      evict(room);
      room.wait(MINUTE - 1);
      expect(silent.closed).toBe(null);
      room.wait(1);
      expect([silent.closed?.code, silent.hearShort()]).toEqual([4010, ["error protocol"]]);
      room.wait(HOUR);
      expect(alarmIn(room)).toBe(null);
    }
  });

  it("L5 leave in peace who has connected less than 30 s ago", () => {
    for (const [age, code] of [
      [30 * SECOND, undefined],
      [30 * SECOND + 1, 4010],
    ]) {
      const room = begin();
      room.enter("ann");
      room.wait(MINUTE - (age ?? 0));
      const silent = room.connect();
      room.wait(age ?? 0);
      expect(silent.closed?.code).toBe(code);
    }
  });

  it("L5 S9 close who owes syncs for 30 s, with 4008, where nothing is committed any more", () => {
    const room = begin();
    const ann = room.enter("ann");
    stall(room, ann);
    evict(room);
    room.wait(30 * SECOND);
    expect(ann.closed).toBe(null);
    room.wait(30 * SECOND);
    expect(ann.closed?.code).toBe(4008);
  });

  it("L5 the pause doubles on a quiet document, up to an hour", () => {
    for (const lose of [() => {}, evict]) {
      const room = begin();
      pingsOn(room, room.enter("ann"));
      const pauses = Array.from({ length: 9 }, () => {
        lose(room);
        return pausesOf(room, alarmIn(room) ?? 0)[0];
      });
      expect(pauses.map((pause) => (pause ?? 0) / MINUTE)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
  });

  it("L5 a longer interval than an hour stays as it is", () => {
    const room = begin({ sweepInterval: 3 * HOUR });
    pingsOn(room, room.enter("ann"));
    expect(pausesOf(room, 12 * HOUR)).toEqual([3 * HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR]);
  });

  const movements: [string, (room: Room) => void][] = [
    ["a commit", (room) => void room.call(update("a", { x: 1 }))],
    ["someone who joins", (room) => void pingsOn(room, room.enter("bob"))],
    [
      "someone who connects, and joins when the object has slept in between",
      (room) => {
        const bob = pingsOn(room, room.connect());
        evict(room);
        bob.sendText('{"type":"join","protocol":2,"client":"bob"}');
        expect(bob.closed).toBe(null);
      },
    ],
  ];
  for (const [what, move] of movements) {
    for (const lose of [() => {}, evict]) {
      it(`L5 it comes back to the interval with ${what}${lose === evict ? ", after a sleep" : ""}`, () => {
        const room = begin({ snapshotInterval: null });
        pingsOn(room, room.enter("ann"));
        room.wait(4 * HOUR);
        lose(room);
        move(room);
        lose(room);
        expect(alarmIn(room)).toBe(MINUTE);
        expect(pausesOf(room, 10 * MINUTE).map((pause) => pause / MINUTE)).toEqual([1, 2, 4]);
      });
    }
    it(`L5 so it does with ${what} shortly before a sweep that was far off`, () => {
      const room = begin({ snapshotInterval: null });
      pingsOn(room, room.enter("ann"));
      room.wait(4 * HOUR);
      room.wait((alarmIn(room) ?? 0) - 10 * SECOND);
      move(room);
      expect(pausesOf(room, 10 * MINUTE).map((pause) => pause / SECOND)).toEqual([10, 120, 240]);
    });
  }

  it("L5 who goes, who says something that is no change, and who reads keep it where it is", () => {
    const room = begin();
    const [ann, bob] = [pingsOn(room, room.enter("ann")), pingsOn(room, room.enter("bob"))];
    room.wait(4 * HOUR);
    const next = alarmIn(room);
    ann.drop();
    bob.send({ type: "presence", data: 1 });
    bob.mutate({ op: "remove", id: "ghost" });
    room.settle();
    infoOf(room);
    expect((next ?? 0) - (alarmIn(room) ?? 0)).toBeLessThan(100);
    expect(alarmIn(room)).toBeGreaterThan(MINUTE);
  });

  it("L5 without an interval nobody is looked for", () => {
    const room = begin({ sweepInterval: null });
    const [ann, silent] = [room.enter("ann"), room.connect()];
    ping(room, ann);
    room.wait(48 * HOUR);
    expect([ann.closed, silent.closed, alarmIn(room)]).toEqual([null, null, null]);
    configure(room, { sweepInterval: SECOND });
    room.wait(SECOND);
    expect([ann.closed?.code, silent.closed?.code]).toEqual([4008, 4010]);
  });

  it("L5 L6 one that is late, or comes twice, closes nobody who is there", () => {
    const room = begin();
    const ann = room.enter("ann");
    const { alarm } = room.server;
    if (alarm === null) throw new Error("a sweep is due");
    room.server.now += 10 * MINUTE;
    ping(room, ann);
    room.server.ring();
    room.server.ring(alarm);
    expect([ann.closed, alarmIn(room)]).toEqual([null, 2 * MINUTE]);
  });

  it("L5 S2 what waits when a sweep closes its author is committed and told", () => {
    const room = begin({ snapshotInterval: null }, item("root"));
    const [ann, bob] = [room.enter("ann"), pingsOn(room, room.enter("bob"))];
    ping(room, ann);
    room.server.now += 2 * MINUTE;
    ann.mutate(insert("b", "root"));
    ann.mutate(insert("c", "root"));
    room.server.ring();
    room.settle();
    expect([ann.closed?.code, bob.hearShort()]).toEqual([4008, ["delta 1", "delta 2"]]);
    expect(infoOf(room).seq).toBe(2);
  });
});
