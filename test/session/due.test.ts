import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS, type DocumentOptions, LIMITS } from "../../src/protocol/index.ts";
import { afterSweep, arrange, GRACE_STEP, nextDue, type Situation } from "../../src/session/due.ts";
import { type Due, NOTHING_DUE } from "../../src/storage.ts";
import { runs } from "../support/seed.ts";

const NOW = 1_000_000_000;
const MINUTE = 60_000;

const QUIET: Situation = {
  now: NOW,
  options: DEFAULT_OPTIONS,
  joined: false,
  connected: false,
  wasJoined: false,
  dirty: false,
  moved: false,
};
const THERE = { joined: true, connected: true, wasJoined: true };

function situation(changes: Partial<Situation>, options: Partial<DocumentOptions> = {}): Situation {
  return { ...QUIET, ...changes, options: { ...DEFAULT_OPTIONS, ...options } };
}

describe("what is due", () => {
  const sweep = { sweep: NOW + MINUTE, sweepPause: MINUTE };
  const table: [string, Partial<Due>, Situation, Partial<Due>][] = [
    ["L1 nothing where nobody is and nothing waits", {}, situation({}), {}],
    ["L5 a sweep when someone is there", {}, situation(THERE), sweep],
    ["L5 a sweep when someone is there who has not joined", {}, situation({ connected: true }), sweep],
    ["L5 no sweep without an interval", {}, situation(THERE, { sweepInterval: null }), {}],
    ["B26 L5 a sweep stays when everyone is gone, until its time has come", sweep, situation({}), sweep],
    ["L3 grace when the last has left", {}, situation({ wasJoined: true }), { grace: NOW + 30_000 }],
    ["L3 grace at once", {}, situation({ wasJoined: true }, { gracePeriod: 0 }), { grace: NOW }],
    ["L3 no second grace", { grace: 7 }, situation({ dirty: true }), { grace: 7, checkpoint: 60_000 }],
    [
      "B26 L3 another grace when someone has left again, but where that would hardly be later",
      { grace: NOW + 10_000 },
      situation({ wasJoined: true }),
      { grace: NOW + 10_000 },
    ],
    ["B26 L3 and where it would", { grace: NOW + 9_999 }, situation({ wasJoined: true }), { grace: NOW + 30_000 }],
    [
      "B26 L3 none so soon after another that was over",
      { rested: NOW - 5_000 },
      situation({ wasJoined: true }),
      { grace: NOW + 35_000, rested: NOW - 5_000 },
    ],
    [
      "B26 L3 but where something has changed",
      { rested: NOW - 5_000 },
      situation({ wasJoined: true, dirty: true }),
      { grace: NOW + 30_000, checkpoint: 60_000, rested: NOW - 5_000 },
    ],
    ["B26 L3 a join leaves grace to its alarm", { grace: NOW + 1 }, situation(THERE), { grace: NOW + 1, ...sweep }],
    [
      "L3 a socket that has not joined cancels none",
      { grace: 7 },
      situation({ connected: true }),
      { grace: 7, ...sweep },
    ],
    ["L3 L4 a change with nobody there", {}, situation({ dirty: true }), { grace: NOW + 30_000, checkpoint: 60_000 }],
    ["L4 a checkpoint after a change", {}, situation({ ...THERE, dirty: true }), { checkpoint: 60_000, ...sweep }],
    [
      "L4 it stays when it was set",
      { checkpoint: 7 },
      situation({ ...THERE, dirty: true }),
      { checkpoint: 7, ...sweep },
    ],
    ["L4 it is not due any more", { checkpoint: 7 }, situation(THERE), sweep],
    ["L4 none by time", {}, situation({ ...THERE, dirty: true }, { snapshotInterval: null }), sweep],
    [
      "L8 without a log at most 5 s after the change",
      {},
      situation({ ...THERE, dirty: true }, { documentStorage: false }),
      { checkpoint: 5_000, ...sweep },
    ],
    [
      "L8 without a log and an interval too",
      {},
      situation({ ...THERE, dirty: true }, { documentStorage: false, snapshotInterval: null }),
      { checkpoint: 5_000, ...sweep },
    ],
    [
      "L8 without a log sooner where that is wanted",
      {},
      situation({ ...THERE, dirty: true }, { documentStorage: false, snapshotInterval: 100 }),
      { checkpoint: 100, ...sweep },
    ],
    [
      "L5 a sweep that is far off comes nearer when something happens",
      { sweep: NOW + 60 * MINUTE, sweepPause: 60 * MINUTE },
      situation({ ...THERE, moved: true }),
      sweep,
    ],
    [
      "L5 one that is near stays, and the next comes soon again",
      { sweep: NOW + 5, sweepPause: 60 * MINUTE },
      situation({ ...THERE, moved: true }),
      { sweep: NOW + 5, sweepPause: MINUTE },
    ],
    [
      "L5 it stays far off while nothing happens",
      { sweep: NOW + 60 * MINUTE, sweepPause: 60 * MINUTE },
      situation(THERE),
      { sweep: NOW + 60 * MINUTE, sweepPause: 60 * MINUTE },
    ],
  ];
  for (const [title, before, now, after] of table) {
    it(title, () => {
      // A checkpoint is written above as the time from the change.
      const { checkpoint = null } = after;
      const isNew = checkpoint !== null && before.checkpoint === undefined;
      const expected = { ...NOTHING_DUE, ...after, checkpoint: isNew ? NOW + checkpoint : checkpoint };
      expect(arrange({ ...NOTHING_DUE, ...before }, now)).toEqual(expected);
    });
  }

  it("L5 the pause doubles up to an hour, and a longer interval stays as it is", () => {
    const pauses = (first: number) => {
      let due: Due = { ...NOTHING_DUE, sweep: NOW, sweepPause: first };
      return Array.from({ length: 8 }, () => {
        due = afterSweep(due, NOW, LIMITS.longestSweep);
        expect(due.sweep).toBe(NOW + due.sweepPause);
        return due.sweepPause / MINUTE;
      });
    };
    expect(pauses(MINUTE)).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    expect(pauses(40 * MINUTE).slice(0, 3)).toEqual([60, 60, 60]);
    expect(pauses(120 * MINUTE).slice(0, 2)).toEqual([120, 120]);
  });

  it("L1 the alarm is for the earliest, and for none when nothing is due", () => {
    expect(nextDue(NOTHING_DUE)).toBe(null);
    expect(nextDue({ ...NOTHING_DUE, grace: 0 })).toBe(0);
    for (const [grace, checkpoint, each] of [
      [1, 2, 3],
      [3, 1, 2],
      [2, 3, 1],
    ] as const) {
      expect(nextDue({ ...NOTHING_DUE, grace, checkpoint, sweep: each, sweepPause: 9 })).toBe(1);
    }
    expect(nextDue({ ...NOTHING_DUE, checkpoint: 5, sweep: 4 })).toBe(4);
  });
});

const moment = fc.integer({ min: NOW - 100_000, max: NOW + 4_000_000 });
const maybe = fc.option(moment);
const interval = fc.option(fc.integer({ min: 100, max: 200_000 }));
const anyDue = fc
  .record({ grace: maybe, checkpoint: maybe, sweep: maybe, pause: fc.integer({ min: 100, max: LIMITS.longestSweep }) })
  .map(({ pause, ...due }): Due => ({ ...NOTHING_DUE, ...due, sweepPause: due.sweep === null ? 0 : pause }));
const anySituation = fc
  .record({
    gracePeriod: fc.nat(100_000),
    snapshotInterval: interval,
    sweepInterval: interval,
    documentStorage: fc.boolean(),
    joined: fc.boolean(),
    connected: fc.boolean(),
    wasJoined: fc.boolean(),
    dirty: fc.boolean(),
    moved: fc.boolean(),
  })
  .map(({ joined, connected, wasJoined, dirty, moved, ...options }) =>
    situation({ joined, connected: connected || joined, wasJoined, dirty, moved }, options),
  );

describe("what is due, whatever comes", () => {
  const always = (check: (due: Due, now: Situation, next: Due) => void) =>
    fc.assert(
      fc.property(anyDue, anySituation, (due, now) => check(due, now, arrange(due, now))),
      runs(2_000),
    );

  it("L2 is worked out once: the same object when nothing has changed, so nothing is written", () => {
    let same = 0;
    always((due, now, next) => {
      const later = { ...now, now: now.now + 12_345, wasJoined: now.joined, moved: false };
      expect(arrange(next, later)).toBe(next);
      const equal = JSON.stringify(next) === JSON.stringify(due);
      expect(next === due).toBe(equal);
      if (equal) same++;
    });
    expect(same).toBeGreaterThan(50);
  });

  it("L2 never moves to a later time by itself", () => {
    always((due, { joined, wasJoined }, next) => {
      for (const what of ["grace", "checkpoint", "sweep"] as const) {
        // But when somebody has left again.
        if (what === "grace" && wasJoined && !joined) continue;
        const [before, after] = [due[what], next[what]];
        if (before !== null && after !== null) expect(after).toBeLessThanOrEqual(before);
        if (what !== "sweep" && before !== null) expect([before, null]).toContain(after);
      }
    });
  });

  it("B26 L3 grace is due where nobody has joined and there was somebody or something, within 20 s of when it has to end", () => {
    always((due, now, next) => {
      const leaves = now.wasJoined && !now.joined;
      const end = NOW + now.options.gracePeriod;
      if (!leaves) expect(next.grace).toBe(due.grace ?? (now.dirty && !now.joined ? end : null));
      else if (next.grace !== due.grace) expect(next.grace).toBe(end);
      if (!leaves || next.grace === null) return;
      expect(Math.abs(next.grace - end)).toBeLessThanOrEqual(GRACE_STEP);
    });
  });

  it("L4 L8 a checkpoint is due exactly where something has changed, and there is an interval or no log", () => {
    always((due, { dirty, options }, next) => {
      const { snapshotInterval, documentStorage } = options;
      const is = dirty && (due.checkpoint !== null || snapshotInterval !== null || !documentStorage);
      expect(next.checkpoint !== null).toBe(is);
      if (!is || due.checkpoint !== null) return;
      expect(next.checkpoint).toBeLessThanOrEqual(NOW + (snapshotInterval ?? 5_000));
      if (!documentStorage) expect(next.checkpoint).toBeLessThanOrEqual(NOW + 5_000);
    });
  });

  it("L5 a sweep is due exactly where there are sockets; when something happens within the interval, and so is the next", () => {
    always((due, { connected, moved, options }, next) => {
      const every = options.sweepInterval;
      expect(next.sweep !== null).toBe((connected || due.sweep !== null) && every !== null);
      expect(next.sweep === null).toBe(next.sweepPause === 0);
      if (every === null || next.sweep === null) return;
      if (due.sweep === null || (moved && due.sweepPause > every)) {
        expect(next.sweep).toBeLessThanOrEqual(NOW + every);
        expect(next.sweepPause).toBe(every);
      } else expect([next.sweep, next.sweepPause]).toEqual([due.sweep, due.sweepPause]);
    });
  });

  it("L5 a sweep puts off the next one and nothing else", () => {
    fc.assert(
      fc.property(anyDue, moment, (due, now) => {
        const next = afterSweep(due, now, LIMITS.longestSweep);
        expect(next).toMatchObject({ grace: due.grace, checkpoint: due.checkpoint });
        expect(next.sweepPause).toBeGreaterThanOrEqual(due.sweepPause);
        expect(next.sweepPause).toBeLessThanOrEqual(LIMITS.longestSweep);
      }),
      runs(500),
    );
  });
});
