import { describe, expect, it } from "vitest";
import type { NodeData } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { alarmIn, begin, checkpointNow, configure, evict, HOUR, infoOf, loggedSeqs, MINUTE, SECOND } from "./life.ts";
import { dataOf, find } from "./look.ts";
import { type Room, WRITER } from "./room.ts";

/** A document that keeps a minute of history and has a checkpoint whenever `settle` says so. */
function forgetful(): Room {
  return forgetfulWith(TREE);
}

/** The same with another tree. */
function forgetfulWith(tree: NodeData): Room {
  const room = begin({ historyRetention: MINUTE, snapshotInterval: null, sweepInterval: null }, tree);
  room.enter("keeper");
  return room;
}

/** A node with so many children. */
function wide(id: string, nodes: number): NodeData & { children: NodeData[] } {
  return { ...item(id), children: Array.from({ length: nodes }, (_, index) => item(`${id}${index}`)) };
}
const TREE = item("root", item("a", item("b", item("c")), item("d")));

/** Time passes, and what is too old by then is let go. */
function later(room: Room, time: number): void {
  room.wait(time);
  checkpointNow(room);
}

function treeAt({ server }: Room, at?: number): unknown {
  return dataOf(server, { at: at === undefined ? at : { seq: at } });
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
        expect(find(room.server, { at: { seq: 0 } })).toMatchObject({
          problem: { message: expect.stringContaining(first) },
        });
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
    const page = room.server.ask((calls, now) => calls.history({}, now));
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

  it("D12 S4 V141 a counter whose event has gone is answered with its seq, and not applied again", () => {
    const room = forgetful();
    const ann = room.enter("ann");
    ann.mutate(insert("e", "root"));
    ann.mutate(remove("ghost"));
    room.settle();
    ann.hear();
    later(room, HOUR);
    ann.send({ type: "mutate", mutations: [1, 2].map((mutation) => ({ mutation, ops: [insert("e", "root")] })) });
    expect(ann.hearShort()).toEqual(["unchanged 1 1", "reject 2 notFound"]);
    const call = { client: "ann", mutation: 1, ops: [insert("e", "root")] };
    const answer = room.server.ask((calls, now) => calls.mutate(call, WRITER, now));
    expect(answer).toMatchObject({ ok: false, problem: { code: "expired", seq: 1 } });
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

  it("D12 behind a large branch all that has expired is deleted, before the document sleeps and in turns", () => {
    for (const snapshotInterval of [MINUTE, null]) {
      const options = { historyRetention: HOUR, gracePeriod: SECOND, snapshotInterval, sweepInterval: null };
      const room = begin(options, item("root", wide("big", 20_000), ...wide("s", 1_500).children, item("z")));
      room.call(remove("big"));
      for (let each = 0; each < 1_500; each++) room.call(remove(`s${each}`));
      room.wait(3 * HOUR);
      room.call(update("z", { x: 1 }));
      room.wait(HOUR);
      expect(nodeRows(room)).toEqual(["root", "z"]);
      expect(infoOf(room)).toMatchObject({ treeSize: 2, historyFrom: 1_502 });
      room.call(insert("big5", "root"));
    }
  });

  it("D12 L4 no turn of that deletes more than some, while others go on; a crash in the middle loses nothing", () => {
    const room = begin(
      { historyRetention: HOUR, snapshotInterval: MINUTE, sweepInterval: null },
      item("root", wide("a", 20_000)),
    );
    const ann = room.enter("ann");
    room.call(remove("a"));
    room.wait(HOUR + MINUTE);
    room.call(insert("b", "root"));
    room.server.now += MINUTE;
    room.server.ring();
    for (let turn = 0; turn < 20; turn++) {
      const before = nodeRows(room).length;
      ann.mutate(insert(`n${turn}`, "b"));
      room.server.fire();
      expect(before - nodeRows(room).length).toBeLessThan(300);
    }
    expect(nodeRows(room)).toContain("a");
    room.settle();
    room.server.crash();
    room.wait(HOUR);
    expect(nodeRows(room).filter((id) => id.startsWith("a"))).toEqual([]);
    expect(infoOf(room)).toMatchObject({ treeSize: 22, seq: 22 });
  });

  it("D12 L12 after a stop nothing is due; the rest is deleted when the document is used again", () => {
    const room = forgetfulWith(item("root", wide("a", 9_000)));
    room.call(remove("a"));
    room.wait(HOUR);
    room.server.ask((calls, now) => calls.stop(now));
    expect(nodeRows(room).length).toBeGreaterThan(1_000);
    expect(alarmIn(room)).toBe(null);
    infoOf(room);
    room.wait(HOUR);
    expect(nodeRows(room)).toEqual(["root"]);
  });

  it("D12 what one commit removes, however much, is found again where it does not fit into a list", () => {
    const long = "long".repeat(25);
    const many = wide(long, 9_000);
    const room = forgetfulWith(item("root", many, item("z")));
    room.call(...many.children.map(({ id = "" }) => remove(id)));
    room.wait(HOUR);
    checkpointNow(room);
    room.settle();
    expect(loggedSeqs(room)).toEqual([]);
    expect(() => room.call(move(`${long}8999`, "root"))).toThrow("notFound");
    expect(
      String(room.server.sql.exec("SELECT value FROM meta WHERE key = 'checkpoint'")[0]?.value).length,
    ).toBeLessThan(200_000);
    room.server.crash();
    infoOf(room);
    room.wait(HOUR);
    expect(nodeRows(room)).toEqual([long, "root", "z"]);
    expect(infoOf(room).treeSize).toBe(3);
  });

  it("D12 L8 what was removed while nothing was logged expires when that ends, however much it is", () => {
    const room = begin(
      { documentStorage: false, historyRetention: null, sweepInterval: null, snapshotInterval: null },
      item("root", item("a", item("ina")), wide("w", 9_000), item("b", item("inb"))),
    );
    room.enter("keeper");
    room.call(...wide("w", 9_000).children.map(({ id = "" }) => remove(id)));
    room.call(remove("a"), remove("b"));
    configure(room, { documentStorage: true, historyRetention: 24 * HOUR });
    expect(() => room.call(move("a", "root"))).toThrow("notFound");
    for (let each = 0; each < 10; each++) checkpointNow(room);
    expect(nodeRows(room)).toEqual(["root", "w"]);
    expect(infoOf(room).treeSize).toBe(2);
  });

  it("D12 L8 what was removed before anything was logged expires when history begins to, and not before", () => {
    const room = begin(
      { documentStorage: false, historyRetention: null },
      item("root", item("a"), item("b"), item("c")),
    );
    room.enter("keeper");
    room.call(remove("a"));
    room.call(remove("b"));
    configure(room, { documentStorage: true });
    room.call(move("b", "root"));
    room.call(remove("c"));
    configure(room, { historyRetention: 24 * HOUR });
    for (let each = 0; each < 3; each++) checkpointNow(room);
    expect(nodeRows(room)).toEqual(["b", "c", "root"]);
    room.call(move("c", "root"));
    expect(infoOf(room).treeSize).toBe(3);
  });

  it("D12 D8 what was to expire, was restored in time and removed again is kept as long as its last removal", () => {
    const kids = wide("a", 9_000);
    const room = begin(
      { documentStorage: false, historyRetention: null, sweepInterval: null, snapshotInterval: null },
      item("root", kids, item("z", item("inz"))),
    );
    room.enter("keeper");
    room.call(...kids.children.map(({ id = "" }) => remove(id)));
    room.call(remove("z"));
    configure(room, { documentStorage: true, historyRetention: 24 * HOUR });
    room.call(move("z", "root"));
    const { seq } = room.call(insert("fresh", "z"));
    const before = treeAt(room);
    room.call(remove("z"));
    for (let each = 0; each < 50; each++) checkpointNow(room);
    expect(nodeRows(room)).toEqual(["a", "fresh", "inz", "root", "z"]);
    expect(treeAt(room, seq)).toEqual(before);
    room.call(move("z", "root"));
    expect(treeAt(room)).toEqual(before);
  });

  it("D12 T2 until it is deleted the id of what has expired is taken, and that is what is said", () => {
    const room = forgetfulWith(item("root", wide("a", 9_000)));
    room.call(remove("a"));
    expect(() => room.call(insert("a", "root"))).toThrow("exists and is removed; a move restores it");
    expect(() => room.call(insert("a8000", "root"))).toThrow("exists and is removed; a move restores it");
    room.wait(HOUR);
    checkpointNow(room);
    for (const id of ["a", "a8000"]) {
      expect(() => room.call(insert(id, "root"))).toThrow("has expired and is not deleted yet");
      expect(() => room.call(move(id, "root"))).toThrow("notFound");
    }
    room.call(insert("a5", "root"));
    for (let each = 0; each < 10; each++) checkpointNow(room);
    room.call(insert("a", "root"), insert("a8000", "a"));
  });

  it("D8 the past is there beside what is half deleted", () => {
    const room = begin(
      { historyRetention: 10 * HOUR, sweepInterval: null, snapshotInterval: null },
      item("root", wide("a", 9_000), item("z")),
    );
    const ann = room.enter("ann");
    room.call(remove("a"));
    room.wait(6 * HOUR);
    room.call(move("a10", "root"));
    room.wait(6 * HOUR);
    checkpointNow(room);
    expect([nodeRows(room).includes("a9"), nodeRows(room).includes("a")]).toEqual([false, true]);
    expect(treeAt(room, 1)).toEqual(item("root", item("z")));
    expect(treeAt(room, 2)).toEqual(item("root", item("z"), item("a10")));
    expect(ann.closed).toBe(null);
  });

  it("V137 D8 what an undo has put into something removed was elsewhere before: both are kept as long as that can be seen", () => {
    const room = forgetfulWith(item("root", item("a", item("b", item("c")), item("d")), item("z")));
    const step = (...args: Parameters<Room["call"]>) => {
      room.call(...args);
      room.wait(20 * SECOND);
    };
    step(remove("a"));
    step(move("b", "z"));
    step({ op: "undo", seqs: [2] });
    const before = treeAt(room, 2);
    later(room, SECOND);
    expect([loggedSeqs(room), nodeRows(room).includes("a")]).toEqual([[2, 3], true]);
    expect(before).toEqual(item("root", item("z", item("b", item("c")))));
    expect(treeAt(room, 2)).toEqual(before);
    evict(room);
    expect(treeAt(room, 2)).toEqual(before);
    // Put there and taken out again: nothing is kept for ever.
    room.call({ op: "redo", seqs: [2] });
    later(room, 20 * SECOND);
    later(room, 20 * SECOND);
    expect([loggedSeqs(room), nodeRows(room)]).toEqual([[4], ["b", "c", "root", "z"]]);
  });
});
