import { describe, expect, it } from "vitest";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { begin, checkpointNow, evict, HOUR, infoOf, loggedSeqs, MINUTE, SECOND } from "./life.ts";
import { dataOf, find } from "./look.ts";
import { type Room, WRITER } from "./room.ts";

/** A document that keeps a minute of history and has a checkpoint whenever `settle` says so. */
function forgetful(): Room {
  const room = begin({ historyRetention: MINUTE, snapshotInterval: null, sweepInterval: null }, TREE);
  room.enter("keeper");
  return room;
}
const TREE = item("root", item("a", item("b", item("c")), item("d")));

/** Time passes, and what is too old by then is let go. */
function later(room: Room, time: number): void {
  room.wait(time);
  checkpointNow(room);
}

function treeAt({ server }: Room, at?: number): unknown {
  return dataOf(server, { at });
}

function nodeRows({ server }: Room): string[] {
  return server.sql.exec("SELECT id FROM nodes ORDER BY id").map(({ id }) => String(id));
}

describe("the history that is kept", () => {
  it("D12 what is older than the retention goes at the next checkpoint, to the millisecond", () => {
    const room = forgetful();
    room.call(update("a", { x: 1 }));
    room.wait(SECOND);
    room.call(update("a", { x: 2 }));
    room.wait(MINUTE - SECOND);
    expect(loggedSeqs(room)).toEqual([1, 2]);
    checkpointNow(room);
    expect([loggedSeqs(room), infoOf(room).historyFrom]).toEqual([[1, 2], 1]);
    later(room, 1);
    expect([loggedSeqs(room), infoOf(room).historyFrom]).toEqual([[2], 2]);
    later(room, SECOND);
    expect([loggedSeqs(room), infoOf(room).historyFrom]).toEqual([[], 3]);
    evict(room);
    expect(infoOf(room)).toMatchObject({ seq: 2, historyFrom: 3 });
    expect(room.call(update("a", { x: 3 }))).toMatchObject({ seq: 3 });
  });

  it("D12 without a retention it is kept for ever", () => {
    const room = begin({ snapshotInterval: SECOND });
    room.call(update("a", { x: 1 }));
    room.wait(1_000 * HOUR);
    room.call(update("a", { x: 2 }));
    room.wait(HOUR);
    expect(loggedSeqs(room)).toEqual([1, 2]);
  });

  it("D12 with it goes what it removed, and ids are free again", () => {
    const room = forgetful();
    room.call(remove("b"));
    later(room, MINUTE);
    expect(nodeRows(room)).toEqual(["a", "b", "c", "d", "root"]);
    expect(() => room.call(insert("c", "root"))).toThrow("exists");
    later(room, 1);
    expect(nodeRows(room)).toEqual(["a", "d", "root"]);
    room.call(insert("c", "root"));
    expect(() => room.call(move("b", "root"))).toThrow("notFound");
    evict(room);
    expect(infoOf(room).treeSize).toBe(4);
  });

  it("D12 restoring what was removed within it still works, and then it stays", () => {
    for (const lose of [() => {}, evict]) {
      const room = forgetful();
      room.call(remove("b"));
      later(room, MINUTE);
      lose(room);
      room.call(move("b", "root"));
      later(room, HOUR);
      expect(treeAt(room)).toEqual(item("root", item("a", item("d")), item("b", item("c"))));
      room.call(remove("b"));
      later(room, MINUTE);
      expect(nodeRows(room)).toContain("b");
      later(room, 1);
      expect(nodeRows(room)).toEqual(["a", "d", "root"]);
    }
  });

  it("D12 what was restored and removed again is kept for as long as its last removal", () => {
    const room = forgetful();
    const steps = [() => room.call(remove("b")), () => room.call(move("b", "root")), () => room.call(remove("b"))];
    for (const step of steps) {
      step();
      room.wait(SECOND);
    }
    later(room, MINUTE - SECOND - 1);
    expect(loggedSeqs(room)).toEqual([3]);
    expect(treeAt(room, 2)).toEqual(item("root", item("a", item("d")), item("b", item("c"))));
    room.call(move("b", "root"));
    expect(infoOf(room).treeSize).toBe(5);
  });

  it("D12 D8 the tree at a seq that is kept is what it was, before it is expired", () => {
    const room = forgetful();
    const trees = [treeAt(room)];
    const steps = [
      () => room.call(remove("a")),
      () => room.call(move("c", "root")),
      () => room.call(update("a", { x: 1 })),
      () => room.call(insert("e", "a")),
      () => room.call(move("b", "c")),
      () => room.call(remove("c")),
      () => room.call(move("b", "root")),
      () => room.call(insert("f", "b")),
    ];
    for (const step of steps) {
      step();
      room.wait(SECOND);
      trees.push(treeAt(room));
    }
    room.wait(MINUTE - steps.length * SECOND);
    for (let kept = 0; kept <= steps.length; kept++) {
      checkpointNow(room);
      const { historyFrom } = infoOf(room);
      expect(historyFrom).toBe(kept + 1);
      const first = `the first tree that it leads back to is that of seq ${historyFrom - 1}, not 0`;
      if (kept > 0) {
        expect(find(room.server, { at: 0 })).toMatchObject({ problem: { message: expect.stringContaining(first) } });
      }
      for (let at = 0; at <= steps.length; at++) {
        expect(treeAt(room, at), `at ${at} from ${historyFrom}`).toEqual(at < kept ? "expired" : trees[at]);
      }
      evict(room);
      room.wait(kept === 0 ? 1 : SECOND);
    }
  });

  it("D12 the history begins where it does", () => {
    const room = forgetful();
    for (const x of [1, 2, 3]) {
      room.call(update("a", { x }));
      room.wait(SECOND);
    }
    later(room, MINUTE - 2 * SECOND);
    const page = room.server.call((calls, now) => calls.history({}, now));
    expect(page?.ok && page.value.entries.map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it("D12 S7 who resumes from before it gets a snapshot, from its beginning the events", () => {
    const room = forgetful();
    for (const x of [1, 2, 3]) {
      room.call(update("a", { x }));
      room.wait(SECOND);
    }
    later(room, MINUTE - 2 * SECOND);
    const resume = (seq: number) => room.join(`from${seq}`, { incarnation: "id0", seq }).hearShort();
    expect(resume(0)).toEqual(["welcome 3 snapshot", "snapshot 3 done"]);
    expect(resume(1)).toEqual(["welcome 3 delta", "delta 2-3"]);
    later(room, HOUR);
    expect(resume(2)[0]).toBe("welcome 3 snapshot");
    expect(resume(3)).toEqual(["welcome 3 delta"]);
  });

  it("D12 S4 a counter whose event has gone is answered with expired, and not applied again", () => {
    const room = forgetful();
    const ann = room.enter("ann");
    ann.mutate(insert("e", "root"));
    ann.mutate(remove("ghost"));
    room.settle();
    ann.hear();
    later(room, HOUR);
    ann.send({ type: "mutate", mutations: [1, 2].map((mutation) => ({ mutation, ops: [insert("e", "root")] })) });
    expect(ann.hearShort()).toEqual(["reject 1 expired", "reject 2 notFound"]);
    const call = { client: "ann", mutation: 1, ops: [insert("e", "root")] };
    const answer = room.server.ask((calls, now) => calls.mutate(call, WRITER, now));
    expect(answer).toMatchObject({ ok: false, problem: { code: "expired" } });
    expect(infoOf(room).seq).toBe(1);
  });

  it("D12 D3 what cannot be let go whole stays whole", () => {
    for (let statement = 1; statement < 40; statement++) {
      const room = forgetful();
      room.call(remove("b"));
      room.wait(MINUTE + 1);
      evict(room);
      room.server.sql.failAt(statement);
      room.server.ask((calls, now) => calls.stop(now));
      room.server.sql.failAt(null);
      const gone = loggedSeqs(room).length === 0;
      expect(nodeRows(room), `statement ${statement}`).toEqual(["a", ...(gone ? [] : ["b", "c"]), "d", "root"]);
      room.server.crash();
      expect(infoOf(room)).toMatchObject({ seq: 1, treeSize: 3, historyFrom: gone ? 2 : 1 });
    }
  });
});
