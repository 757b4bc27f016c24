import { describe, expect, it } from "vitest";
import { insert } from "../tree/document.ts";
import { begin, configure, HOUR, infoOf, MINUTE, ping, SECOND } from "./life.ts";
import type { Room, Visitor } from "./room.ts";

/** What an hour costs in which nobody says anything. */
interface Cost {
  readonly wakeUps: number;
  readonly rows: number;
  readonly alarms: number;
}

/** Lets an hour pass: visitors ping every 25 s, and the object falls asleep whenever nothing has happened for 10 s. */
function idleHour(room: Room, visitors: readonly Visitor[], answer = () => {}): Cost {
  const { server } = room;
  room.settle();
  server.evict();
  const count = () => Object.values(server.wakeUps).reduce((sum, each) => sum + each, 0);
  const [wakeUps, rows, alarms] = [count(), server.sql.totalRows, server.alarmWrites];
  expect(server.wakeUps.alarm ?? 0).toBe(0);
  const until = server.now + HOUR;
  let [busy, statements] = [server.now, server.sql.statements];
  for (let passed = 0; server.now < until; passed += 5 * SECOND) {
    if (passed % (25 * SECOND) === 0) for (const visitor of visitors) ping(room, visitor);
    room.wait(5 * SECOND);
    answer();
    if (server.sql.statements !== statements) busy = server.now;
    statements = server.sql.statements;
    if (server.now - busy >= 10 * SECOND) server.evict();
  }
  expect(server.wakeUps.alarm ?? 0).toBe(count() - wakeUps);
  return { wakeUps: count() - wakeUps, rows: server.sql.totalRows - rows, alarms: server.alarmWrites - alarms };
}

/** Sweeps after 1, 3, 7, 15 and 31 minutes; each of them stores when the next one is due and sets the alarm. */
const FIVE_SWEEPS: Cost = { wakeUps: 5, rows: 5, alarms: 5 };
const TEN = Array.from({ length: 10 }, (_, index) => `client${index}`);

describe("an idle hour", () => {
  it("L10 L5 with ten subscribers who ping costs five wake-ups and ten rows", () => {
    const room = begin();
    const visitors = TEN.map((client) => room.enter(client));
    expect(idleHour(room, visitors)).toEqual(FIVE_SWEEPS);
    expect(visitors.map(({ closed }) => closed)).toEqual(TEN.map(() => null));
    expect(((room.server.alarm ?? 0) - room.server.now) / MINUTE).toBe(3);
  });

  it("L10 L5 a second one costs a wake-up or two", () => {
    const room = begin();
    const visitors = TEN.map((client) => room.enter(client));
    idleHour(room, visitors);
    room.server.wakeUps.alarm = 0;
    // The sixth comes after 63 minutes; from then on it is one an hour.
    expect(idleHour(room, visitors)).toEqual({ wakeUps: 1, rows: 1, alarms: 1 });
    room.server.wakeUps.alarm = 0;
    expect(idleHour(room, visitors)).toEqual({ wakeUps: 1, rows: 1, alarms: 1 });
  });

  it("L5 with one who is dead costs no more, and it is found", () => {
    const room = begin();
    const visitors = TEN.map((client) => room.enter(client));
    const [dead, ...others] = visitors;
    if (!dead) throw new Error("there are ten");
    ping(room, dead);
    expect(idleHour(room, others)).toEqual(FIVE_SWEEPS);
    expect(visitors.map(({ closed }) => closed?.code)).toEqual([4008, ...others.map(() => undefined)]);
  });

  it("B24 with subscribers who never ping and answer cost a sweep every 90 s, and they stay", () => {
    const room = begin();
    const visitors = TEN.map((client) => room.enter(client));
    // Sweeps after 1, 3, 4, 6, 7 … minutes, and the ten answers to each.
    const answer = () => {
      for (const visitor of visitors) {
        for (const message of visitor.hear()) if (message.type === "sync") visitor.send(message);
      }
    };
    expect(idleHour(room, [], answer)).toEqual({ wakeUps: 40, rows: 40, alarms: 40 });
    expect(visitors.map(({ closed }) => closed)).toEqual(TEN.map(() => null));
  });

  it("L3 L5 when all of them are dead, it ends with grace and no alarm", () => {
    const room = begin();
    const visitors = TEN.map((client) => room.enter(client));
    for (const visitor of visitors) ping(room, visitor);
    // Two sweeps and the end of grace, after which no alarm is set.
    expect(idleHour(room, [])).toEqual({ wakeUps: 3, rows: 3, alarms: 2 });
    expect([room.server.alarm, room.server.open()]).toEqual([null, []]);
  });

  it("L4 with a change before it there is one checkpoint more", () => {
    const room = begin({ snapshotInterval: 30_000 });
    const visitors = TEN.map((client) => room.enter(client));
    room.call(insert("b", "root"));
    // Three nodes, the checkpoint, and that it is no longer due.
    expect(idleHour(room, visitors)).toEqual({ wakeUps: 6, rows: 5 + 5, alarms: 6 });
  });

  it("L10 L5 with the longest interval nothing happens at all", () => {
    const room = begin();
    const visitors = TEN.map((client) => room.enter(client));
    configure(room, { sweepInterval: null });
    expect(idleHour(room, visitors)).toEqual({ wakeUps: 0, rows: 0, alarms: 0 });
  });

  it("L10 L1 with nobody there costs nothing: there is no alarm", () => {
    const room = begin();
    infoOf(room);
    expect(room.server.alarm).toBe(null);
    expect(idleHour(room, [])).toEqual({ wakeUps: 0, rows: 0, alarms: 0 });
  });
});
