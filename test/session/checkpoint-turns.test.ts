import { describe, expect, it } from "vitest";
import { createSession } from "../../src/session.ts";
import { createSqliteTables, type Sql } from "../../src/storage.ts";
import type { Operation } from "../../src/tree/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { gather } from "../support/parts.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { alarmIn, begin, configure, evict, HOUR, infoOf, MINUTE, pingsOn, storedSeq } from "./life.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

/** Enough for a checkpoint in several turns. */
function insertMany(room: Room): void {
  const children = Array.from({ length: 3_000 }, (_, index) => item(`n${index}`));
  room.call(insert("top", "root", {}, children));
}

function openSession(sql: Sql) {
  let ids = 0;
  return createSession({ documentId: "doc", tables: createSqliteTables(sql), newId: () => `id${ids++}` });
}

function rowOf(room: Room, id: string): unknown {
  return room.server.sql.exec("SELECT parent, removed FROM nodes WHERE id = ?", id)[0];
}

describe("a checkpoint in turns", () => {
  it.each([true, false])("D3 S3 writes nothing that waits for the log; that is told before the crash: %s", (isTold) => {
    const sql = openTestSql();
    const now = 1_800_000_000_000;
    const session = openSession(sql);
    session.connect("s1", WRITER, now);
    const send = (message: object) => session.receive("s1", JSON.stringify(message), now);
    const mutate = (mutation: number, op: Operation) => send({ type: "mutate", mutations: [{ mutation, ops: [op] }] });
    send({ type: "join", protocol: 2, client: "ann" });
    mutate(
      1,
      insert(
        "top",
        "root",
        {},
        Array.from({ length: 3_000 }, (_, index) => item(`n${index}`)),
      ),
    );
    while (session.window !== null) session.flush(now);
    session.wake(now + HOUR, now + HOUR);
    expect(session.busy, "a checkpoint is under way").toBe(true);
    // The first is committed at once and opens the window in which the second waits.
    mutate(2, insert("x", "top"));
    mutate(3, insert("y", "top"));
    while (session.busy) session.work(now);
    if (isTold) session.flush(now);
    const logged = sql.exec("SELECT max(last) AS last FROM events")[0]?.last;
    const again = openSession(sql);
    expect(again.calls.info(now).result).toMatchObject({
      ok: true,
      value: { seq: logged, treeSize: 3_001 + Number(logged) },
    });
  });

  it("D12 without a log what is removed meanwhile expires like the rest", () => {
    const options = { documentStorage: false, historyRetention: 1_000, snapshotInterval: MINUTE, sweepInterval: null };
    const room = begin(options, item("root", item("p", item("c"))));
    room.enter("ann");
    insertMany(room);
    // Without a log a checkpoint comes after 5 s.
    room.server.now += MINUTE;
    room.server.ring();
    room.call(remove("c"));
    room.settle();
    evict(room);
    room.enter("bob");
    room.call(remove("p"));
    room.wait(HOUR);
    expect([rowOf(room, "p"), rowOf(room, "c"), alarmIn(room)]).toEqual([undefined, undefined, null]);
    expect(
      room.server.ask((calls, now) => calls.mutate({ ops: [move("n1", "c")] }, { user: null, role: "write" }, now)),
    ).toMatchObject({
      problem: { code: "notFound" },
    });
  });

  it("D12 what was removed out of what is deleted first can be named all the while", () => {
    const others = Array.from({ length: 14_000 }, (_, index) => item(`n${index}`));
    const room = openRoom(item("root", item("a", item("zz")), ...others));
    room.call(remove("zz"));
    room.call(remove("a"));
    const ann = room.enter("ann");
    configure(room, { historyRetention: 24 * HOUR, documentStorage: false });
    for (let turn = 0; turn < 40; turn++) {
      ann.mutate(move(`n${turn}`, "zz"));
      room.server.fire();
    }
    room.settle();
    const answers = ann.hear().flatMap((message) => (message.type === "reject" ? [message.code] : []));
    expect([ann.closed, answers.length, new Set(answers)]).toEqual([null, 40, new Set(["notFound"])]);
    room.wait(HOUR);
    expect([rowOf(room, "a"), rowOf(room, "zz")]).toEqual([undefined, undefined]);
  });

  it("D8 a history in memory does not reach back to what is looked for to be deleted", () => {
    const room = begin(
      { documentStorage: false, historyRetention: null, snapshotInterval: MINUTE },
      item("root", item("a"), item("b")),
    );
    const ann = pingsOn(room, room.enter("ann"));
    for (let each = 0; each < 2_500; each++) room.call(update("b", { each }));
    room.call(remove("a"));
    for (let each = 0; each < 3; each++) room.call(update("b", { more: each }));
    configure(room, { historyRetention: 24 * HOUR });
    const seq = storedSeq(room);
    expect(infoOf(room)).toMatchObject({ historyFrom: seq + 1, seq });
    room.wait(HOUR);
    expect(rowOf(room, "a")).toBe(undefined);
    expect(room.server.ask((calls, now) => calls.treeText({ at: { seq: 2_400 } }, gather(), now))).toMatchObject({
      problem: { code: "expired" },
    });
    expect(ann.closed).toBe(null);
  });
});
