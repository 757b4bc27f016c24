import { describe, expect, it } from "vitest";
import {
  DEFAULT_OPTIONS,
  decodeCreate,
  decodeDefaults,
  decodeOptionsChange,
  LIMITS,
} from "../../src/protocol/index.ts";
import { decodeOptions } from "../../src/protocol/options.ts";
import { insert, item, remove } from "../tree/document.ts";
import {
  alarmIn,
  begin,
  configure,
  evict,
  HOUR,
  infoOf,
  loggedSeqs,
  MINUTE,
  pingsOn,
  SECOND,
  storedSeq,
} from "./life.ts";
import { openRoom } from "./room.ts";
import { createServer } from "./server.ts";

const ALL = {
  gracePeriod: 1,
  snapshotInterval: 100,
  sweepInterval: 1_000,
  historyRetention: 0,
  historyMaxEvents: 1,
  historyMaxBytes: 2,
  automaticVersions: 3,
  maxBytes: 1_000_000,
  conflicts: "reject",
  documentStorage: false,
  storage: "sqlite",
  create: "explicit",
} as const;

function problem(result: { ok: true } | { ok: false; problem: { code: string; message: string } }): string {
  return result.ok ? "no problem" : `${result.problem.code}: ${result.problem.message}`;
}

describe("options", () => {
  it("L7 a document has the defaults, what it was created with goes before them", () => {
    expect(infoOf(begin()).options).toEqual(DEFAULT_OPTIONS);
    expect(infoOf(begin(ALL)).options).toEqual(ALL);
    expect(infoOf(begin({ snapshotInterval: null })).options).toEqual({ ...DEFAULT_OPTIONS, snapshotInterval: null });
  });

  it("L7 the defaults of the deployment hold for who joins as well, and only when the document is created", () => {
    const server = createServer();
    server.defaults = { gracePeriod: 5, conflicts: "reject" };
    const room = openRoom(undefined, server);
    room.enter("ann");
    const options = { ...DEFAULT_OPTIONS, gracePeriod: 5, conflicts: "reject" };
    expect(infoOf(room).options).toEqual(options);
    server.defaults = {};
    evict(room);
    expect(infoOf(room).options).toEqual(options);
  });

  it("L7 they are stored: an eviction, a crash and a second PUT change nothing", () => {
    const room = begin({ gracePeriod: 7 * SECOND });
    configure(room, { conflicts: "reject", sweepInterval: null });
    const options = { ...DEFAULT_OPTIONS, gracePeriod: 7 * SECOND, conflicts: "reject", sweepInterval: null };
    for (const lose of ["evict", "crash"] as const) {
      room.settle();
      room.server[lose]();
      const tree = item("other");
      room.server.ask((calls, now) => calls.getOrStart({ tree, options: { gracePeriod: 1 } }, now));
      expect(infoOf(room).options).toEqual(options);
    }
    room.enter("ann").drop();
    room.wait(HOUR);
    expect(infoOf(room).options).toEqual(options);
  });

  it("L7 a change keeps what it does not name, and null is a value", () => {
    const room = begin({ gracePeriod: 7 });
    expect(configure(room, {}).options).toEqual({ ...DEFAULT_OPTIONS, gracePeriod: 7 });
    configure(room, { snapshotInterval: null, gracePeriod: undefined });
    expect(infoOf(room).options).toEqual({ ...DEFAULT_OPTIONS, gracePeriod: 7, snapshotInterval: null });
  });

  it("L7 there must be a document to change", () => {
    const { server } = openRoom();
    const changed = server.ask((calls, now) => calls.configure({ gracePeriod: 1 }, now));
    expect(changed).toMatchObject({ ok: false, problem: { code: "notFound" } });
    expect(server.sql.exec("SELECT name FROM sqlite_master")).toEqual([]);
  });

  it("L7 a change is stored whole or not at all", () => {
    for (let statement = 1; statement < 30; statement++) {
      const room = begin();
      room.call(insert("b", "root"));
      evict(room);
      room.server.sql.failAt(statement);
      const changed = room.server.ask((calls, now) => calls.configure({ gracePeriod: 9, documentStorage: false }, now));
      room.server.sql.failAt(null);
      evict(room);
      const { options, seq, treeSize } = infoOf(room);
      expect([seq, treeSize]).toEqual([1, 3]);
      if (changed) expect(options).toMatchObject({ gracePeriod: 9, documentStorage: false });
      else expect([9, 30_000]).toContain(options.gracePeriod);
      expect(options.documentStorage).toBe(options.gracePeriod !== 9);
      expect(loggedSeqs(room)).toEqual(options.documentStorage ? [1] : []);
    }
  });
});

describe("changed at once", () => {
  it("L7 gracePeriod: a grace that has begun counts anew", () => {
    const room = begin({ sweepInterval: null });
    room.enter("ann").drop();
    room.wait(20 * SECOND);
    expect(configure(room, { gracePeriod: MINUTE }).state).toBe("grace");
    expect(alarmIn(room)).toBe(MINUTE);
    configure(room, { gracePeriod: SECOND });
    room.wait(SECOND);
    expect([alarmIn(room), infoOf(room).state]).toEqual([null, "asleep"]);
    configure(room, { gracePeriod: MINUTE });
    expect([alarmIn(room), infoOf(room).state]).toEqual([null, "asleep"]);
  });

  it("L7 snapshotInterval: what has changed is in a checkpoint, the next change counts by it", () => {
    const room = begin({ sweepInterval: null, snapshotInterval: null });
    room.enter("ann");
    room.call(insert("b", "root"));
    configure(room, { snapshotInterval: SECOND });
    expect([storedSeq(room), alarmIn(room)]).toEqual([1, null]);
    room.call(insert("c", "root"));
    expect(alarmIn(room)).toBe(SECOND);
    configure(room, { snapshotInterval: null });
    room.call(insert("d", "root"));
    expect(alarmIn(room)).toBe(null);
  });

  it("L7 sweepInterval: sweeps begin anew, or end", () => {
    const room = begin();
    pingsOn(room, room.enter("ann"));
    room.wait(4 * HOUR);
    configure(room, { sweepInterval: 5 * SECOND });
    expect(alarmIn(room)).toBe(5 * SECOND);
    evict(room);
    configure(room, { sweepInterval: null });
    expect(alarmIn(room)).toBe(null);
    configure(room, { sweepInterval: 7 * SECOND });
    expect(alarmIn(room)).toBe(7 * SECOND);
  });

  it("L7 conflicts: the next mutation is decided by it", () => {
    const room = begin();
    room.call(remove("a"));
    expect(room.call(insert("b", "a"))).toMatchObject({ redirected: ["b"] });
    configure(room, { conflicts: "reject" });
    expect(() => room.call(insert("c", "a"))).toThrow("removed");
    configure(room, { conflicts: "resolve" });
    expect(room.call(insert("c", "a"))).toMatchObject({ redirected: ["c"] });
  });

  it("L7 historyRetention: at once, and at every checkpoint", () => {
    const room = begin({ sweepInterval: null });
    room.enter("ann");
    room.call(insert("b", "root"));
    room.wait(10 * MINUTE);
    configure(room, { historyRetention: MINUTE });
    expect(infoOf(room).historyFrom).toBe(2);
    room.call(insert("c", "root"));
    room.wait(MINUTE);
    expect([infoOf(room).historyFrom, loggedSeqs(room)]).toEqual([2, [2]]);
    configure(room, { historyRetention: null });
    room.call(insert("d", "root"));
    room.wait(HOUR);
    expect(infoOf(room).historyFrom).toBe(2);
  });

  it("L7 what waits is committed before", () => {
    const room = begin();
    const ann = room.enter("ann");
    ann.mutate(insert("b", "root"));
    ann.mutate(insert("c", "root"));
    expect(configure(room, { conflicts: "reject" })).toMatchObject({ seq: 2, checkpointSeq: 2 });
    expect(ann.hearShort()).toEqual(["delta 1", "delta 2"]);
  });
});

describe("options that are wrong", () => {
  const wrong: [string, unknown][] = [
    ["gracePeriod", -1],
    ["gracePeriod", null],
    ["gracePeriod", 1.5],
    ["gracePeriod", "1"],
    ["gracePeriod", LIMITS.longestWait + 1],
    ["snapshotInterval", 4_999],
    ["snapshotInterval", Number.NaN],
    ["sweepInterval", 999],
    ["historyRetention", -1],
    ["historyRetention", Number.POSITIVE_INFINITY],
    ["historyMaxEvents", -1],
    ["historyMaxEvents", 0.5],
    ["historyMaxBytes", -1],
    ["historyMaxBytes", 9_000_000_001],
    ["automaticVersions", 101],
    ["automaticVersions", null],
    ["maxBytes", 999_999],
    ["maxBytes", 9_000_000_001],
    ["maxBytes", null],
    ["maxBytes", 1e6 + 0.5],
    ["conflicts", "ignore"],
    ["documentStorage", "true"],
    ["documentStorage", null],
    ["storage", "disk"],
    ["colour", "red"],
    ["constructor", {}],
  ];
  it("L7 are refused, and the problem names them", () => {
    for (const [name, value] of wrong) {
      const options = { [name]: value };
      for (const result of [decodeOptions(options), decodeCreate({ options }), decodeOptionsChange({ options })]) {
        expect(problem(result), `${name}: ${value}`).toMatch(new RegExp(`^invalid: .*${name}`));
      }
      expect(problem(decodeDefaults(options)), `${name}: ${value}`).toMatch(new RegExp(`^invalid: .*${name}`));
    }
    for (const options of [null, [], 1, "none"]) {
      expect(problem(decodeOptionsChange({ options }))).toMatch(/^invalid: .*options/);
      expect(problem(decodeCreate({ options }))).toMatch(/^invalid: .*options/);
    }
    expect(problem(decodeOptionsChange({}))).toMatch(/^invalid: .*options/);
    expect(problem(decodeOptionsChange({ options: {}, tree: {} }))).toMatch(/^invalid: .*tree/);
  });

  it("B37 one that is older than the least interval keeps its own, and other options of it can be changed", () => {
    const room = begin({ snapshotInterval: 100 });
    room.call(insert("b", "root"));
    expect(alarmIn(room)).toBe(100);
    expect(configure(room, { gracePeriod: 7 }).options).toMatchObject({ snapshotInterval: 100, gracePeriod: 7 });
  });

  it("L7 B37 the least and the most are allowed", () => {
    const { longestWait } = LIMITS;
    for (const options of [
      { gracePeriod: 0, snapshotInterval: 5_000, sweepInterval: 1_000, historyRetention: 0, maxBytes: 1_000_000 },
      { gracePeriod: longestWait, snapshotInterval: longestWait, sweepInterval: longestWait, maxBytes: 9_000_000_000 },
      { snapshotInterval: null, sweepInterval: null, historyRetention: null },
      { historyMaxEvents: 0, historyMaxBytes: 0, automaticVersions: 0 },
      { historyMaxEvents: null, historyMaxBytes: 9_000_000_000, automaticVersions: 100 },
      {},
    ]) {
      expect(decodeCreate({ options })).toEqual({ ok: true, value: { options } });
      expect(decodeOptionsChange({ options })).toEqual({ ok: true, value: options });
    }
    expect(decodeCreate({})).toEqual({ ok: true, value: { options: {} } });
  });

  it("L7 L9 storage is chosen at creation, for good", () => {
    expect(decodeCreate({ options: { storage: "memory" } }).ok).toBe(true);
    for (const storage of ["memory", "sqlite"]) {
      expect(problem(decodeOptionsChange({ options: { storage } }))).toMatch(/^invalid: options.storage/);
    }
  });

  it("L7 the defaults of a deployment: none stands for null", () => {
    expect(decodeDefaults(undefined)).toEqual({ ok: true, value: DEFAULT_OPTIONS });
    expect(decodeDefaults({})).toEqual({ ok: true, value: DEFAULT_OPTIONS });
    const none = { snapshotInterval: "none", sweepInterval: "none", historyRetention: "none" };
    expect(decodeDefaults({ ...none, gracePeriod: 1 })).toEqual({
      ok: true,
      value: {
        ...DEFAULT_OPTIONS,
        gracePeriod: 1,
        snapshotInterval: null,
        sweepInterval: null,
        historyRetention: null,
      },
    });
    expect(problem(decodeDefaults({ gracePeriod: "none" }))).toMatch(/^invalid: .*gracePeriod/);
    for (const input of ["none", [], 1, null]) expect(decodeDefaults(input).ok, `${input}`).toBe(false);
  });
});
