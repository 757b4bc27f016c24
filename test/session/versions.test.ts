import { describe, expect, it } from "vitest";
import { LIMITS, type Principal, type Result, type VersionCall } from "../../src/protocol/index.ts";
import { remove, update } from "../tree/document.ts";
import { begin, checkpointNow, configure, evict, HOUR, infoOf, MINUTE } from "./life.ts";
import { dataOf } from "./look.ts";
import { type Room, WRITER, writerOf } from "./room.ts";

const ANN = writerOf("ann");
const BOB = writerOf("bob");
const ADMIN: Principal = { user: { id: "root", name: "Root" }, role: "admin" };

function name({ server }: Room, call: VersionCall, principal = ANN) {
  return answerOf(server.call((calls, now) => calls.nameVersion(call, principal, now)));
}
function rename({ server }: Room, id: string, to: string, principal = ANN) {
  return answerOf(server.call((calls, now) => calls.renameVersion({ id, name: to }, principal, now)));
}
function erase({ server }: Room, id: string, principal = ANN) {
  return answerOf(server.call((calls, now) => calls.deleteVersion(id, principal, now)));
}
function list({ server }: Room, query = {}) {
  const page = server.call((calls, now) => calls.versions(query, now));
  if (!page?.ok) throw new Error("there is no list");
  return page.value;
}
/** Each as `NAME SEQ`. */
function told(room: Room): string[] {
  return list(room).entries.map((version) => `${version.name} ${version.seq}`);
}

/** What was answered, or the code of what is wrong. */
function answerOf<T>(result: Result<T> | undefined): T | string {
  if (!result) throw new Error("storage has failed");
  return result.ok ? result.value : result.problem.code;
}

function write(room: Room, ...values: readonly number[]): void {
  for (const x of values) room.call(update("a", { x }));
}

describe("versions", () => {
  it("V60 name a state, with who has and when, and are moments by their id or name", () => {
    const room = begin();
    write(room, 1, 2, 3);
    const { now } = room.server;
    const first = name(room, { name: "first", at: { seq: 1 } });
    expect(first).toEqual({ id: expect.any(String), name: "first", seq: 1, time: now, userId: "ann" });
    expect(name(room, { name: "now" }, WRITER)).toMatchObject({ seq: 3, userId: null });
    expect(name(room, { name: "same", at: { version: "first" } })).toMatchObject({ seq: 1 });
    evict(room);
    expect(list(room).entries).toContainEqual(first);
    const [{ id } = { id: "" }] = list(room).entries.filter((version) => version.name === "first");
    for (const version of [id, "first"])
      expect(dataOf(room.server, { at: { version } })).toMatchObject({ children: [{ attrs: { x: 1 } }] });
    expect(name(room, { name: "later", at: { seq: 4 } })).toBe("invalid");
    expect(name(room, { name: "of none", at: { version: "none" } })).toBe("notFound");
  });

  it("V61 have each a name of their own, and each state may have several", () => {
    const room = begin();
    name(room, { name: "one" });
    const two = name(room, { name: "two" });
    expect(name(room, { name: "one" })).toBe("exists");
    if (typeof two === "string") throw new Error(two);
    expect(rename(room, two.id, "one")).toBe("exists");
    expect(rename(room, two.id, "two")).toEqual(two);
    expect(rename(room, two.id, "three")).toEqual({ ...two, name: "three" });
    expect(rename(room, "none", "four")).toBe("notFound");
    expect(told(room).sort()).toEqual(["one 0", "three 0"]);
  });

  it("V62 are listed by their states in pages, also behind one that was deleted", () => {
    const room = begin();
    write(room, 1, 2, 3);
    for (const seq of [3, 1, 2, 0, 1]) name(room, { name: `${list(room).entries.length}`, at: { seq } });
    for (const order of ["oldest", "newest"] as const) {
      const seqs = [];
      let after: { seq: number; id: string } | undefined;
      for (let more = true; more; ) {
        const page = list(room, { order, limit: 2, after });
        seqs.push(...page.entries.map(({ seq }) => seq));
        ({ more } = page);
        after = page.entries.at(-1);
      }
      expect(seqs).toEqual(order === "oldest" ? [0, 1, 1, 2, 3] : [3, 2, 1, 1, 0]);
    }
    const [first, second] = list(room).entries;
    expect([first?.seq, second?.seq]).toEqual([0, 1]);
    erase(room, second?.id ?? "");
    expect(list(room, { after: second }).entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(list(room, { after: { seq: 9, id: "x" } })).toEqual({ entries: [], more: false, next: "9:x" });
    expect(list(begin())).toEqual({ entries: [], more: false, next: null });
  });

  it("V63 are renamed and deleted by who has named them, and by an admin", () => {
    const room = begin();
    const version = name(room, { name: "ann's" });
    const nobodys = name(room, { name: "nobody's" }, WRITER);
    if (typeof version === "string" || typeof nobodys === "string") throw new Error("not named");
    for (const other of [BOB, WRITER]) {
      expect(rename(room, version.id, "mine", other)).toBe("forbidden");
      expect(erase(room, version.id, other)).toBe("forbidden");
    }
    expect(rename(room, version.id, "hers", ADMIN)).toMatchObject({ name: "hers", userId: "ann" });
    expect(erase(room, nobodys.id, BOB)).toBe("forbidden");
    expect(erase(room, nobodys.id, WRITER)).toBe(null);
    expect([erase(room, version.id), erase(room, version.id)]).toEqual([null, "notFound"]);
    expect(told(room)).toEqual([]);
  });

  it("V64 are 1 000 with names at most, and none more where the document is full", () => {
    const room = begin();
    for (let each = 1; each <= LIMITS.versions; each++)
      expect(name(room, { name: `${each}` })).toMatchObject({ seq: 0 });
    expect(name(room, { name: "one more" })).toBe("full");
    const [first] = list(room).entries;
    expect(rename(room, first?.id ?? "", "another")).toMatchObject({ name: "another" });
    configure(room, { automaticVersions: 1 });
    write(room, 1);
    room.wait(HOUR);
    write(room, 2);
    expect(rename(room, "auto-1", "another")).toBe("exists");
    expect(rename(room, "auto-1", "one more")).toBe("full");
    erase(room, first?.id ?? "");
    expect(name(room, { name: "one more" })).toMatchObject({ seq: 2 });
    const full = begin({ maxBytes: LIMITS.leastBytes });
    write(full, 1);
    const before = name(full, { name: "before" });
    full.call(update("a", { text: "x".repeat(600_000) }));
    full.call(update("a", { text: "y".repeat(600_000) }));
    expect(infoOf(full).space).toBe("full");
    expect(name(full, { name: "past it" })).toBe("full");
    expect(typeof before !== "string" && rename(full, before.id, "another")).toMatchObject({ name: "another" });
  });

  it("V65 keep the history that leads back to them, and what was removed since, for as long as they are there", () => {
    const room = begin({ historyRetention: MINUTE, snapshotInterval: null, sweepInterval: null });
    write(room, 1, 2);
    const version = name(room, { name: "kept" });
    if (typeof version === "string") throw new Error(version);
    write(room, 3);
    room.call(remove("a"));
    for (const _ of [1, 2]) {
      room.wait(HOUR);
      checkpointNow(room);
      evict(room);
      expect(infoOf(room)).toMatchObject({ seq: 4, historyFrom: 3 });
    }
    expect(dataOf(room.server, { at: { version: "kept" } })).toMatchObject({ children: [{ attrs: { x: 2 } }] });
    expect(name(room, { name: "too late", at: { seq: 1 } })).toBe("expired");
    erase(room, version.id);
    checkpointNow(room);
    expect(infoOf(room)).toMatchObject({ seq: 4, historyFrom: 5 });
    expect(room.server.sql.exec("SELECT id FROM nodes WHERE id = 'a'")).toEqual([]);
  });

  it("V65 deleted, they let the history go at a checkpoint that comes by itself", () => {
    const room = begin({ historyRetention: MINUTE, snapshotInterval: MINUTE, gracePeriod: HOUR, sweepInterval: null });
    write(room, 1);
    const version = name(room, { name: "kept", at: { seq: 0 } });
    room.wait(3 * HOUR);
    expect(infoOf(room).historyFrom).toBe(1);
    erase(room, typeof version === "string" ? version : version.id);
    room.wait(2 * MINUTE);
    expect(infoOf(room).historyFrom).toBe(2);
  });

  it("V67 are noted by rule where nothing was done for an hour, as it was left, so many of them; the oldest goes", () => {
    const room = begin({ automaticVersions: 2 });
    room.wait(HOUR);
    write(room, 1);
    room.wait(HOUR - 1);
    write(room, 2);
    expect(told(room), "nothing before the first event, and nothing sooner").toEqual([]);
    const seqs = [];
    for (const x of [3, 4, 5]) {
      room.wait(HOUR);
      evict(room);
      write(room, x, x + 0.5);
      seqs.push(told(room));
    }
    expect(seqs).toEqual([["null 2"], ["null 2", "null 4"], ["null 4", "null 6"]]);
    const [first] = list(room).entries;
    expect(first).toMatchObject({ id: "auto-4", userId: null });
    expect(erase(room, "auto-4", WRITER)).toBe("forbidden");
    const named = rename(room, "auto-4", "mine");
    expect(named).toMatchObject({ id: "auto-4", name: "mine", userId: "ann", time: room.server.now });
    configure(room, { automaticVersions: 1 });
    expect(told(room)).toEqual(["mine 4", "null 6"]);
    configure(room, { automaticVersions: 0 });
    room.wait(HOUR);
    write(room, 6);
    expect(told(room)).toEqual(["mine 4"]);
  });

  it("V67 hold back no history: with it they go", () => {
    const options = { automaticVersions: LIMITS.automaticVersions, historyRetention: 90 * MINUTE };
    const room = begin({ ...options, snapshotInterval: null, sweepInterval: null });
    for (const x of [1, 2, 3, 4]) {
      write(room, x);
      room.wait(HOUR);
    }
    checkpointNow(room);
    expect([infoOf(room).historyFrom, told(room)]).toEqual([4, ["null 3"]]);
  });

  it("V66 go with a history that the options do away with", () => {
    const room = begin();
    write(room, 1);
    name(room, { name: "old", at: { seq: 0 } });
    name(room, { name: "new" });
    configure(room, { documentStorage: false });
    expect(told(room)).toEqual([]);
    expect(name(room, { name: "none" })).toBe("invalid");
    configure(room, { documentStorage: true });
    expect(name(room, { name: "again" })).toMatchObject({ seq: 1 });
  });
});
