import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import { insert, item, remove, update } from "../tree/document.ts";
import {
  alarmIn,
  begin,
  configure,
  evict,
  HOUR,
  infoOf,
  MINUTE,
  NOTICES,
  type Notice,
  pingsOn,
  SECOND,
} from "./life.ts";
import { find } from "./look.ts";
import { openRoom, type Room, WRITER } from "./room.ts";
import { createServer } from "./server.ts";
import { eventsOf, stall } from "./traffic.ts";

function inMemory(options: object = {}): Room {
  return begin({ storage: "memory", ...options });
}

function exists({ server }: Room): boolean {
  return server.ask((calls, now) => calls.info(now))?.ok === true;
}

function tables({ server }: Room): number {
  return server.sql.exec("SELECT name FROM sqlite_master").length;
}

describe("storage in memory", () => {
  it("L9 nothing is ever written", () => {
    const room = inMemory({ snapshotInterval: SECOND, gracePeriod: SECOND });
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    ann.mutate(insert("b", "root"));
    ann.mutate(remove("ghost"));
    room.wait(MINUTE);
    bob.mutate(update("b", { x: 1 }));
    configure(room, { conflicts: "reject" });
    room.wait(HOUR);
    ann.drop();
    bob.drop();
    room.wait(HOUR);
    expect([tables(room), room.server.sql.totalRows]).toEqual([0, 0]);
  });

  it("L9 while the memory lasts it is a document like any other", () => {
    const room = inMemory({ snapshotInterval: SECOND, sweepInterval: null });
    const ann = room.enter("ann");
    for (const id of ["b", "c", "d"]) ann.mutate(insert(id, "root"));
    ann.mutate(remove("ghost"));
    room.wait(HOUR);
    expect(infoOf(room)).toMatchObject({ state: "active", seq: 3, checkpointSeq: 3, treeSize: 5, historyFrom: 1 });
    expect(infoOf(room).counters).toMatchObject({ mutations: 3, rejections: 1, rowsWritten: 0 });
    ann.drop();
    const again = room.join("ann", { incarnation: "id0", seq: 2 });
    expect(again.hearShort()).toEqual(["welcome 3 delta", "delta 3"]);
    again.send({ type: "mutate", mutations: [1, 4].map((mutation) => ({ mutation, ops: [remove("ghost")] })) });
    expect(again.hearShort()).toEqual(["delta 1", "reject 4 notFound"]);
    stall(room, again);
    again.send({ type: "sync", n: 4 });
    expect(eventsOf(again)).toEqual([8]);
    const at = find(room.server, { at: { seq: 1 } });
    expect(at?.ok && at.value.view.size).toBe(3);
  });

  it("L9 it is gone with the object's memory: by a sleep, a crash, a stop, the end of grace", () => {
    const losses: [string, (room: Room) => void][] = [
      ["sleep", evict],
      ["crash", ({ server }) => server.crash()],
      ["stop", ({ server }) => void server.ask((calls, now) => calls.stop(now))],
      ["grace", (room) => room.wait(HOUR)],
    ];
    for (const [what, lose] of losses) {
      const room = inMemory();
      room.call(insert("b", "root"));
      expect(exists(room)).toBe(true);
      lose(room);
      expect(exists(room), what).toBe(false);
      room.wait(HOUR);
      expect([alarmIn(room), tables(room)], what).toEqual([null, 0]);
    }
  });

  it("L3 L9 grace keeps it, and a join in grace", () => {
    const room = inMemory({ gracePeriod: MINUTE });
    room.enter("ann").drop();
    room.wait(MINUTE - 1);
    pingsOn(room, room.enter("ann"));
    room.wait(HOUR);
    expect(infoOf(room)).toMatchObject({ state: "active", seq: 0 });
  });

  const notices: readonly Notice[] = [
    ["a call", exists],
    ...NOTICES,
    ["a PUT", ({ server }) => void server.ask((calls, now) => calls.getOrStart({ options: {} }, now))],
  ];
  for (const [what, notice] of notices) {
    it(`L9 subscribers of what is gone are closed with 1011 when the object notices by ${what}`, () => {
      const room = inMemory();
      const [ann] = [room.enter("ann"), room.enter("bob")];
      room.call(insert("b", "root"));
      ann.hear();
      evict(room);
      notice(room, ann);
      expect([ann.hearShort(), ann.closed?.code]).toEqual([["error unavailable"], 1011]);
      expect(room.server.open().includes("s2")).toBe(false);
    });
  }

  it("L9 D6 nobody's last message makes a stored document of it", () => {
    const room = inMemory();
    const ann = room.enter("ann");
    evict(room);
    ann.mutate(insert("c", "root"));
    ann.drop();
    expect([tables(room), exists(room)]).toEqual([0, false]);
  });

  it("L9 a document that all are created as is created again in memory", () => {
    const server = createServer();
    server.defaults = { storage: "memory" };
    const room = openRoom(undefined, server);
    const ann = room.enter("ann");
    ann.mutate(insert("b", "root"));
    expect(infoOf(room)).toMatchObject({ seq: 1, incarnation: "id0", options: { storage: "memory" } });
    evict(room);
    const again = room.join("ann", { incarnation: "id0", seq: 1 });
    expect(again.hear()[0]).toMatchObject({ incarnation: "id2", seq: 0, resume: "snapshot", mutation: 0 });
    expect(tables(room)).toBe(0);
  });

  it("L8 L9 without document storage as well", () => {
    const room = inMemory({ documentStorage: false, sweepInterval: null });
    room.enter("ann");
    room.call(insert("b", "root"));
    room.wait(5 * SECOND);
    expect(infoOf(room)).toMatchObject({ seq: 1, checkpointSeq: 1, incarnation: "id0" });
    evict(room);
    expect([exists(room), tables(room)]).toEqual([false, 0]);
  });

  it("L9 takes at most 32 MiB: what would be more is refused, and what is there stays", { timeout: 60_000 }, () => {
    const room = inMemory({ sweepInterval: null, snapshotInterval: 100 });
    const ann = room.enter("ann");
    const text = "x".repeat(900 * 1024);
    let accepted = 0;
    for (let each = 0; each < 60; each++) {
      const node = { id: `n${each}`, type: "n", attrs: { text } };
      const answer = room.server.ask((calls, now) =>
        calls.mutate({ ops: [{ op: "insert", node, parent: "root" }] }, WRITER, now),
      );
      room.wait(100);
      if (!answer?.ok) {
        expect(answer).toMatchObject({ problem: { code: "full" } });
        break;
      }
      accepted++;
    }
    const { storageBytes, treeSize } = infoOf(room);
    expect(treeSize).toBe(accepted + 2);
    expect(storageBytes).toBeGreaterThanOrEqual(LIMITS.memoryBytes);
    expect(storageBytes).toBeLessThan(LIMITS.memoryBytes + 4 * 1024 * 1024);
    ann.hear();
    const bob = room.enter("bob");
    bob.mutate(insert("late", "root"));
    room.settle();
    expect(find(room.server, { node: "n0" })?.ok).toBe(true);
    expect(infoOf(room).seq).toBe(accepted);
  });

  it("L9 a document that is stored stays so", () => {
    const room = openRoom(item("root"));
    room.call(insert("b", "root"));
    evict(room);
    const options = { storage: "memory" } as const;
    const found = room.server.ask((calls, now) => calls.getOrStart({ options }, now));
    expect(found).toMatchObject({ ok: true, value: { created: false, seq: 1, options: { storage: "sqlite" } } });
  });
});
