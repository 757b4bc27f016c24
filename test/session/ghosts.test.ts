import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { createSubscribers, type Delivery } from "../../src/session/subscribers.ts";
import { createTurns } from "../../src/session/turns.ts";
import { alarmIn, begin, configure, evict, HOUR, infoOf, MINUTE, pausesOf, ping, pingsOn, SECOND } from "./life.ts";
import { type Room, type Visitor, WRITER } from "./room.ts";
import { stall } from "./traffic.ts";

/** Answers the syncs that have come, as every client has to; returns whether there was one. */
function answer(visitor: Visitor): boolean {
  const syncs = visitor.hear().filter((message) => message.type === "sync");
  for (const sync of syncs) visitor.send(sync);
  return syncs.length > 0;
}

/** Time passes in steps of a second, and after each of them something may happen. */
function pass(room: Room, time: number, each: () => unknown, step = SECOND): void {
  for (let passed = 0; passed < time; passed += step) {
    room.wait(step);
    each();
  }
}

describe("who never pings", () => {
  it("B24 and dies right after it joined is gone after 3 minutes, with its presence, and grace begins when it was the last", () => {
    for (const lose of [() => {}, evict]) {
      const room = begin();
      const ann = room.join("ann", { presence: 1 });
      const bob = pingsOn(room, room.enter("bob"));
      pass(room, LIMITS.longestSilence - SECOND, () => lose(room));
      expect([ann.closed, infoOf(room).subscriberCount]).toEqual([null, 2]);
      bob.hear();
      room.wait(SECOND);
      expect([ann.closed?.code, ann.hearShort().at(-1)]).toEqual([4008, "error tooSlow"]);
      expect([infoOf(room).subscriberCount, bob.hearShort()]).toEqual([1, [`presence ${ann.id}`]]);
    }
    const room = begin();
    const ann = room.enter("ann");
    room.wait(LIMITS.longestSilence);
    expect([ann.closed?.code, infoOf(room).state]).toEqual([4008, "grace"]);
  });

  it("B24 and dies at any time is gone 190 s later, whenever it has come", () => {
    for (let after = 0; after < 10 * MINUTE; after += 17 * SECOND) {
      const room = begin();
      pingsOn(room, room.enter("bob"));
      room.wait(after);
      const ann = room.enter("ann");
      pass(room, after, () => answer(ann));
      room.wait(LIMITS.longestSilence + 10 * SECOND);
      expect(ann.closed?.code, `${after}`).toBe(4008);
    }
  });

  it("B24 to the millisecond", () => {
    for (const [age, code] of [
      [LIMITS.longestSilence - 1, undefined],
      [LIMITS.longestSilence, 4008],
    ]) {
      const room = begin({ sweepInterval: age ?? 0 });
      const ann = room.enter("ann");
      room.wait(age ?? 0);
      expect(ann.closed?.code).toBe(code);
    }
  });

  it("B24 is asked by a sync, and stays as long as it answers, whatever the object forgets", () => {
    for (const lose of [() => {}, evict]) {
      const room = begin();
      const [ann, dead] = [room.enter("ann"), room.enter("dead")];
      let asked = 0;
      pass(room, 2 * HOUR, () => {
        if (answer(ann)) asked++;
        lose(room);
      });
      expect([ann.closed, dead.closed?.code, infoOf(room).subscriberCount]).toEqual([null, 4008, 1]);
      // A sweep after two minutes asks, and one a minute later, when it would be dead if it had not answered.
      expect(asked).toBe(80);
    }
  });

  it("B24 any frame is a sign of life; it is saved once a minute at most, and costs no row", () => {
    const room = begin();
    const ann = room.enter("ann");
    room.wait(MINUTE);
    const { totalRows } = room.server.sql;
    room.wait(30 * SECOND);
    for (let each = 0; each < 100; each++) ann.send({ type: "sync", n: 0 });
    evict(room);
    expect(room.server.sql.totalRows).toBe(totalRows);
    // Sweeps came after 1, and come after 3 and 5 minutes.
    room.wait(150 * SECOND);
    expect(ann.closed).toBe(null);
    room.wait(MINUTE);
    expect(ann.closed?.code).toBe(4008);
    const subscriber = { id: "s", principal: WRITER, since: 0, heard: 0, joined: null };
    const subscribers = createSubscribers([subscriber], createTurns());
    const saved: Delivery[] = [];
    for (let now = 0; now < 10 * MINUTE; now += 100) {
      subscribers.hear(subscriber, now);
      saved.push(...subscribers.take());
    }
    expect(saved.map(({ kind }) => kind)).toEqual(Array.from({ length: 9 }, () => "save"));
  });

  it("B24 L5 keeps sweeps two minutes apart at most; when it is gone the pause doubles again", () => {
    const room = begin();
    pingsOn(room, room.enter("bob"));
    const ann = room.enter("ann");
    pass(room, 20 * MINUTE, () => answer(ann));
    expect(alarmIn(room)).toBeLessThanOrEqual(2 * MINUTE);
    ann.drop();
    expect(
      pausesOf(room, HOUR)
        .slice(1)
        .map((pause) => pause / MINUTE),
    ).toEqual([4, 8, 16]);
  });

  it("B24 is judged by its pings alone as soon as it has pinged", () => {
    const room = begin();
    const ann = room.enter("ann");
    room.wait(30 * SECOND);
    ping(room, ann);
    pass(room, 150 * SECOND, () => {
      ann.send({ type: "sync", n: 0 });
    });
    expect(ann.closed?.code).toBe(4008);
    expect(ann.hearShort()).toEqual(["error tooSlow"]);
  });

  it("B24 and owes all the syncs that may be is asked no more", () => {
    const room = begin();
    const ann = room.enter("ann");
    stall(room, ann);
    room.wait(MINUTE);
    expect([ann.closed?.code, ann.hearShort()]).toEqual([4008, ["error tooSlow"]]);
  });

  it("B24 is believed for ever without sweeps", () => {
    const room = begin({ sweepInterval: null });
    const ann = room.enter("ann");
    room.wait(48 * HOUR);
    expect([ann.closed, alarmIn(room)]).toEqual([null, null]);
    configure(room, { sweepInterval: SECOND });
    room.wait(SECOND);
    expect(ann.closed?.code).toBe(4008);
  });

  it("B24 L13 nobody asks who need not ping, as one that joined by RPC", () => {
    const room = begin();
    const ann = pingsOn(room, room.enter("ann"));
    pass(room, 12 * HOUR, () => {}, MINUTE);
    expect([ann.closed, ann.hear()]).toEqual([null, []]);
  });
});
