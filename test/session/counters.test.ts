import { describe, expect, it } from "vitest";
import { insert, remove, update } from "../tree/document.ts";
import { alarmIn, begin, checkpointNow, evict, HOUR, infoOf, MINUTE, SECOND } from "./life.ts";
import { openRoom, WRITER, writerOf } from "./room.ts";

const NONE = { message: 0, connect: 0, close: 0, alarm: 0, call: 0 };

describe("what a document tells of itself", () => {
  it("L11 info tells how it is", () => {
    const room = begin({ conflicts: "reject" });
    const createdAt = room.server.now;
    room.wait(SECOND);
    room.enter("ann");
    room.connect();
    room.call(insert("b", "root"));
    room.call(insert("c", "root"));
    room.call(remove("b"));
    const info = infoOf(room);
    expect(info).toMatchObject({
      ...{ documentId: "doc", state: "active", subscriberCount: 1, treeSize: 3, seq: 3, createdAt },
      ...{ checkpointSeq: 0, historyFrom: 1, options: { conflicts: "reject", gracePeriod: 30_000 } },
    });
    expect(info.storageBytes).toBe(room.server.sql.bytes);
    room.wait(MINUTE);
    expect(infoOf(room)).toMatchObject({ checkpointSeq: 3, incarnation: info.incarnation });
    expect(infoOf(begin())).toMatchObject({ seq: 0, historyFrom: 1, checkpointSeq: 0, treeSize: 2 });
  });

  it("L11 looking at it writes nothing", () => {
    const room = begin();
    infoOf(room);
    const before = room.server.sql.totalRows;
    for (let each = 0; each < 3; each++) {
      infoOf(room);
      room.wait(HOUR);
      evict(room);
    }
    expect([room.server.sql.totalRows, alarmIn(room)]).toEqual([before, null]);
  });

  it("L11 commits, mutations and rejections are counted, once", () => {
    const room = begin({ sweepInterval: null });
    const ann = room.enter("ann");
    const { counters } = infoOf(room);
    expect(counters).toMatchObject({ commits: 0, mutations: 0, rejections: 0 });
    ann.mutate(insert("b", "root"));
    ann.mutate(insert("c", "root"));
    ann.mutate(remove("ghost"));
    ann.mutate(update("c", { x: 1 }));
    room.settle();
    room.call(insert("d", "root"));
    // Sent again, it is the same mutation.
    ann.send({ type: "mutate", mutations: [{ mutation: 1, ops: [insert("b", "root")] }] });
    room.server.call((calls, now) => calls.mutate({ ops: [remove("ghost")] }, WRITER, now));
    ann.sendText(JSON.stringify({ type: "mutate", mutations: [{ mutation: 5, ops: [{ op: "fly" }] }] }));
    room.settle();
    expect(infoOf(room).counters).toMatchObject({ commits: 3, mutations: 4, rejections: 2 });
  });

  it("L11 nothing that a commit counts is lost: counted again from the log, or kept by the checkpoint", () => {
    for (const options of [
      {},
      { sweepInterval: null },
      { sweepInterval: null, snapshotInterval: null },
      { sweepInterval: null, snapshotInterval: 1_000 },
    ]) {
      for (const checkpoint of [() => {}, (room: ReturnType<typeof begin>) => void checkpointNow(room)]) {
        for (const lose of ["evict", "crash"] as const) {
          const room = begin(options);
          room.enter("ann");
          for (let each = 1; each <= 6; each++) {
            room.call(insert(`n${each}`, "root"));
            if (each % 2 === 0) room.wait(700);
            if (each === 3) checkpoint(room);
            room.settle();
            room.server[lose]();
            expect(infoOf(room).counters, `${JSON.stringify(options)} ${lose} ${each}`).toMatchObject({
              commits: each,
              mutations: each,
            });
          }
          room.wait(HOUR);
          evict(room);
          expect(infoOf(room).counters).toMatchObject({ commits: 6, mutations: 6 });
        }
      }
    }
  });

  it("L11 a checkpoint by size keeps what it has taken from the log", () => {
    const room = begin({ sweepInterval: null, snapshotInterval: null });
    room.enter("ann");
    for (let each = 0; each < 6; each++) room.call(update("a", { text: String(each).repeat(512 * 1024) }));
    expect(infoOf(room).checkpointSeq).toBe(5);
    evict(room);
    expect(infoOf(room).counters).toMatchObject({ commits: 6, mutations: 6 });
  });

  it("L11 what woke the object is counted, as it was", () => {
    const room = begin();
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    const wake = (work: () => void) => {
      evict(room);
      work();
      // What it changes makes what was counted stay.
      room.call(update("a", { x: room.server.now }));
      room.wait(MINUTE);
    };
    wake(() => ann.send({ type: "presence", data: 1 }));
    wake(() => ann.send({ type: "presence", data: 2 }));
    wake(() => bob.drop());
    wake(() => room.wait(alarmIn(room) ?? 0));
    wake(() => void room.connect());
    wake(() => void room.server.call((calls, now) => calls.info(now)));
    evict(room);
    expect(infoOf(room).counters.wakeUps).toEqual({ ...NONE, message: 2, close: 1, alarm: 1, connect: 1, call: 3 });
    expect(room.server.wakeUps).toEqual({ message: 2, close: 1, alarm: 1, connect: 1, call: 3 });
  });

  it("L11 a wake-up is counted once, however often the document is read anew", () => {
    const room = begin();
    for (let each = 0; each < 3; each++) {
      room.call(insert(`n${each}`, "root"));
      room.server.call((calls, now) => calls.stop(now));
    }
    expect(infoOf(room).counters.wakeUps).toEqual({ ...NONE, call: 1 });
  });

  it("L11 rows are counted as they are billed, but for what a crash forgets", () => {
    const room = begin({ sweepInterval: null });
    const before = room.server.sql.totalRows;
    const { rowsWritten } = infoOf(room).counters;
    room.call(insert("b", "root"));
    room.call(insert("c", "b"));
    room.wait(HOUR);
    const counted = infoOf(room).counters.rowsWritten - rowsWritten;
    const written = room.server.sql.totalRows - before;
    expect([counted, written]).toEqual([9, 9]);
  });

  it("L11 a document of an earlier version begins to count", () => {
    const room = begin();
    room.call(insert("b", "root"));
    evict(room);
    room.server.sql.exec("DELETE FROM meta WHERE key = 'life'");
    expect(infoOf(room)).toMatchObject({ seq: 1, counters: { commits: 1, mutations: 1, wakeUps: { call: 1 } } });
    expect(alarmIn(room)).toBe(30 * SECOND);
  });

  it("L11 counts who has joined, by whatever client and user", () => {
    const room = openRoom({ id: "root", type: "t" });
    const count = () => infoOf(room).subscriberCount;
    room.enter("ann", writerOf("u1"));
    room.enter("bob");
    room.connect();
    expect(count()).toBe(2);
    room.enter("bob");
    expect(count()).toBe(2);
    room.server.crash();
    expect(count()).toBe(0);
  });
});
