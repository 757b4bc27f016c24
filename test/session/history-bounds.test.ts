import { describe, expect, it } from "vitest";
import { createHistoryBytes } from "../../src/storage/history-bytes.ts";
import type { Log } from "../../src/storage/log.ts";
import { createMemoryLog } from "../../src/storage/memory-log.ts";
import { createMemoryTables, finish } from "../../src/storage.ts";
import { createWriter } from "../support/writer.ts";
import { item, remove, update } from "../tree/document.ts";
import { begin, checkpointNow, configure, evict, HOUR, infoOf } from "./life.ts";
import { dataOf } from "./look.ts";
import type { Room } from "./room.ts";

const QUIET = { snapshotInterval: null, sweepInterval: null };

function write(room: Room, count: number, text = ""): void {
  for (let x = 0; x < count; x++) room.call(update("a", { x, text }));
}

/** What the log takes. */
function loggedBytes({ server }: Room): number {
  const [row] = server.sql.exec("SELECT sum(octet_length(body)) AS size FROM events");
  return Number(row?.size);
}

/** What is remembered of that. */
function countedBytes({ server }: Room): number {
  const [row] = server.sql.exec("SELECT value FROM meta WHERE key = 'historyBytes'");
  const counted: { bytes: number } = JSON.parse(String(row?.value));
  return counted.bytes;
}

describe("a history that is bounded", () => {
  it("V23 V68 keeps so many of the last events, to one, at checkpoints, and says from where it goes", () => {
    const room = begin({ ...QUIET, historyMaxEvents: 3 });
    write(room, 3);
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(1);
    room.call(remove("a"));
    expect(infoOf(room).historyFrom, "not before a checkpoint").toBe(1);
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(2);
    expect(dataOf(room.server, { at: { seq: 1 } })).toMatchObject({ children: [{ attrs: { x: 0 } }] });
    const asked = room.server.ask((calls, now) => calls.diff({ from: { seq: 0 } }, now));
    expect(asked).toMatchObject({ problem: { code: "expired", message: expect.stringContaining("begins at seq 2") } });
    const all = room.server.ask((calls, now) => calls.diff({}, now));
    expect(all, "as far as it is kept").toMatchObject({ value: { from: 1, to: 4, nodes: [{ id: "a" }] } });
    configure(room, { historyMaxEvents: 0 });
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(5);
    expect(room.server.sql.exec("SELECT id FROM nodes WHERE id = 'a'"), "what was removed goes along").toEqual([]);
  });

  it("V44 claims no move of what was put somewhere before it begins", () => {
    const room = begin({ ...QUIET, historyMaxEvents: 1 });
    room.call({ op: "insert", node: { id: "new", type: "item" }, parent: "root" });
    write(room, 2);
    checkpointNow(room);
    const blame = room.server.ask((calls, now) => calls.blame({ node: "new" }, now));
    expect(blame).toMatchObject({ value: { inserted: { before: 3 } } });
    expect(blame).not.toHaveProperty("value.moved");
  });

  it("V68 S7 lets who resumes from before it, or writes with what he saw then, come back by a snapshot", () => {
    const room = begin({ ...QUIET, historyMaxEvents: 2 });
    const ann = room.enter("ann");
    write(room, 6);
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(5);
    const { incarnation } = infoOf(room);
    const resume = (seq: number) => room.join(`from${seq}`, { incarnation, seq }).hearShort()[0];
    expect([resume(0), resume(3), resume(4)]).toEqual(["welcome 6 snapshot", "welcome 6 snapshot", "welcome 6 delta"]);
    ann.hear();
    ann.send({ type: "mutate", mutations: [{ mutation: 1, base: 1, ops: [update("a", { x: 9 })] }] });
    room.settle();
    expect(ann.hearShort()).toEqual(["delta 7"]);
  });

  it("V68 keeps so many bytes of the last events, counted without reading all of them", () => {
    const room = begin(QUIET);
    write(room, 40, "é".repeat(500));
    const bytes = loggedBytes(room);
    const most = bytes / 2;
    configure(room, { historyMaxBytes: most });
    checkpointNow(room);
    const expectBounded = () => {
      expect(loggedBytes(room)).toBeLessThanOrEqual(most);
      expect(loggedBytes(room), "and no more goes than has to").toBeGreaterThan(most - bytes / 40 - 100);
      expect(countedBytes(room)).toBe(loggedBytes(room));
    };
    expectBounded();
    expect(infoOf(room).historyFrom).toBeGreaterThan(15);
    for (let round = 0; round < 3; round++) {
      // Typing goes into rows that there are.
      for (let each = 0; each < 30; each++)
        room.call({ op: "edit", id: "a", attr: "text", changes: ["é".repeat(100)] });
      room.server.ask((calls, now) => calls.stop(now));
      evict(room);
      expect(loggedBytes(room)).toBeLessThanOrEqual(most);
      expect(countedBytes(room)).toBe(loggedBytes(room));
    }
    configure(room, { historyMaxBytes: null, historyMaxEvents: 5 });
    write(room, 60, "x".repeat(500));
    checkpointNow(room);
    configure(room, { historyMaxEvents: null });
    write(room, 60, "x".repeat(500));
    configure(room, { historyMaxBytes: most });
    checkpointNow(room);
    expect(loggedBytes(room)).toBeLessThanOrEqual(most);
    expect(countedBytes(room)).toBe(loggedBytes(room));
  });

  it("V68 keeps what takes exactly so many bytes, and lets one commit go for one byte less", () => {
    const room = begin(QUIET);
    write(room, 5);
    const bytes = loggedBytes(room);
    for (const [historyMaxBytes, from] of [
      [bytes, 1],
      [bytes - 1, 2],
    ] as const) {
      configure(room, { historyMaxBytes });
      checkpointNow(room);
      expect(infoOf(room).historyFrom).toBe(from);
    }
  });

  it("V68 is counted in rounds, and what goes meanwhile is counted off where it was counted", () => {
    const values = new Map<string, string>();
    const meta = {
      get: (key: string) => values.get(key),
      put: (key: string, value: string) => void values.set(key, value),
    };
    let oldest = 1;
    const log: Log = {
      ...createMemoryLog(),
      *sizes(after) {
        for (let first = Math.max(oldest, after + 1); first <= 10_000; first++) yield { first, last: first, bytes: 10 };
      },
    };
    const taken = createHistoryBytes(meta, () => log);
    const drop = (first: number) => {
      taken.drop(first);
      oldest = first + 1;
    };
    expect([taken.count(), taken.behind]).toEqual([true, true]);
    drop(5_000);
    expect([taken.count(), taken.behind]).toEqual([true, true]);
    drop(5_500);
    taken.write();
    const again = createHistoryBytes(meta, () => log);
    expect([again.count(), again.behind, again.count(), again.behind]).toEqual([true, false, false, false]);
    again.write();
    expect(JSON.parse(values.get("historyBytes") ?? "")).toEqual({ first: 10_000, bytes: 45_000 });
    expect([again.past(45_000), again.past(44_990), again.past(44_981), again.past(0) - 5_500]).toEqual([
      0, 5_501, 5_502, 1_001,
    ]);
  });

  it("V68 goes on round by round until all of it is counted, and let go of", () => {
    const { stored, write } = createWriter(createMemoryTables({ capacity: null }), item("root", item("a")));
    for (let x = 0; x < 4_200; x++) write("ann", update("a", { x }));
    stored.configure({ ...stored.options, historyMaxBytes: 0 });
    finish(stored.checkpointInSteps(stored.time));
    expect([stored.historyFrom, stored.dirty]).toEqual([4_201, false]);
  });

  it("V68 whichever bound is the narrowest counts, and a version with a name before all of them", () => {
    const room = begin({ ...QUIET, historyMaxEvents: 10, historyRetention: HOUR, historyMaxBytes: 1_000_000 });
    write(room, 12);
    const named = room.server.call((calls, now) =>
      calls.nameVersion({ name: "kept", at: { seq: 7 } }, { user: null, role: "write" }, now),
    );
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(3);
    room.wait(2 * HOUR);
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(8);
    configure(room, { historyMaxBytes: 0 });
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(8);
    room.server.call((calls, now) =>
      calls.deleteVersion(named?.ok ? named.value.id : "", { user: null, role: "write" }, now),
    );
    checkpointNow(room);
    expect(infoOf(room).historyFrom).toBe(13);
  });
});
