import { describe, expect, it } from "vitest";
import { LIMITS, type TreeQuery } from "../../src/protocol/index.ts";
import { readState, type Task } from "../../src/session.ts";
import type { Json, NodeData } from "../../src/tree/index.ts";
import { gather } from "../support/parts.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { begin, infoOf } from "./life.ts";
import { dataOf } from "./look.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

/** A branch of so many nodes, with some text in each. */
function large(id: string, nodes: number): NodeData {
  const children = Array.from({ length: nodes - 1 }, (_, index) => ({
    ...{ id: `${id}${index}`, type: "item" },
    attrs: { text: `text ${index}` },
  }));
  return { id, type: "item", children };
}

/** A document that cannot be read in one turn. */
function largeRoom(): Room {
  const room = openRoom(item("root", large("a", 20_000), item("b")));
  // In rows, and out of memory.
  room.server.ask((calls, now) => calls.stop(now));
  return room;
}

interface Asked extends Task<null> {
  readonly text: string;
}

/** Asks for the tree as text, and does no more than the first turn of it. */
function askText({ server }: Room, query: TreeQuery = {}, parts = gather()): Asked {
  const task = server.call((calls, now) => calls.treeText(query, parts, now));
  if (!task) throw new Error("storage failed");
  return {
    get result() {
      return task.result;
    },
    whenDone: task.whenDone,
    get text() {
      return parts.text();
    },
  };
}

function treeIn(task: Asked): unknown {
  if (!task.result?.ok) return task.result?.problem.code ?? "under way";
  return JSON.parse(task.text).tree;
}

/** Lets turns pass until it is over; returns how many statements the longest of them ran, and how many turns there were. */
function follow({ server }: Room, task: Task<unknown>): { turns: number; longest: number } {
  let [turns, longest] = [0, 0];
  for (; task.result === null; turns++) {
    if (turns > 10_000) throw new Error("it never ends");
    const before = server.sql.statements;
    server.fire();
    longest = Math.max(longest, server.sql.statements - before);
  }
  return { turns, longest };
}

/** Seconds where the machine is busy. */
const SLOW = { timeout: 60_000 };
/** Deeper than any tree is. */
const AS_A_WALK = { depth: LIMITS.depth };
const WAYS: [string, TreeQuery][] = [
  ["in the order of ids", {}],
  ["in document order", AS_A_WALK],
];

describe("what is read in many turns", () => {
  it("H2 a small tree is there at once", () => {
    const room = openRoom(item("root", large("a", 500)));
    expect(askText(room).result?.ok).toBe(true);
    expect(room.server.due).toBe(null);
  });

  it.each(WAYS)("H11 H2 D10 a large one is read %s while others go on, as it was when it was asked for", (_, query) => {
    const room = largeRoom();
    const before = dataOf(room.server);
    const ann = room.enter("ann");
    const task = askText(room, query);
    expect(task.result).toBe(null);
    let seq = 0;
    for (let turn = 0; task.result === null; turn++) {
      ann.mutate(update("a19000", { turn }), remove(`a${10_000 + turn}`), insert(`new${turn}`, "b"));
      room.server.fire();
      seq++;
    }
    expect(seq).toBeGreaterThan(3);
    expect(treeIn(task)).toEqual(before);
    room.settle();
    expect(ann.hearShort().filter((short) => short.startsWith("delta")).length).toBeGreaterThan(2);
    expect(infoOf(room).seq).toBe(seq);
    expect(dataOf(room.server)).not.toEqual(before);
  });

  it.each(WAYS)("H11 no turn of it, read %s, reads more than a few thousand nodes", (_, query) => {
    const room = largeRoom();
    const task = askText(room, query);
    const { turns, longest } = follow(room, task);
    expect(turns).toBeGreaterThan(1);
    // A statement reads 128 nodes or more.
    expect(longest).toBeLessThan(60);
    expect(treeIn(task)).toEqual(toDataOf(room));
  });

  it("H11 D8 neither does the way back to an earlier seq, whose tree is that of then, whatever happens meanwhile", () => {
    const room = openRoom(item("root", large("a", 3_000), item("b")));
    const trees = [dataOf(room.server)];
    const ann = room.enter("ann");
    for (let round = 0; round < 40; round++) {
      const mutations = Array.from({ length: 256 }, (_, index) => {
        const n = round * 256 + index;
        const ops = [
          update(`a${(n * 7) % 2_999}`, { n, text: `text ${n}` }),
          move(`a${(n * 13) % 2_999}`, n % 2 ? "b" : "a"),
        ];
        return { mutation: n + 1, ops };
      });
      ann.send({ type: "mutate", mutations });
      room.settle();
      ann.hear();
      ann.send({ type: "sync", n: 0 });
      if (round === 19) trees.push(dataOf(room.server));
    }
    const middle = 20 * 256;
    ann.drop();
    room.server.ask((calls, now) => calls.stop(now));
    for (const [at, tree] of [
      [0, trees[0]],
      [middle, trees[1]],
    ] as const) {
      const task = askText(room, { at: { seq: at } });
      expect(task.result).toBe(null);
      room.call(update("b", { at }), remove(`a${at % 100}`));
      const { turns, longest } = follow(room, task);
      expect(turns).toBeGreaterThan(2);
      expect(longest).toBeLessThan(4_000);
      expect(treeIn(task)).toEqual(tree);
    }
  });

  it("D8 what differs too much to be held is tooLarge, and says what to do; a later seq is there", SLOW, () => {
    const room = openRoom(item("root"));
    for (let round = 0; round < 11; round++) {
      room.call({ op: "insert", node: large(`t${round}-`, 9_900), parent: "root" });
    }
    for (let round = 0; round < 11; round++) {
      room.call(...Array.from({ length: 9_899 }, (_, index) => update(`t${round}-${index}`, { round })));
    }
    const early = askText(room, { at: { seq: 11 } });
    follow(room, early);
    expect(early.result).toMatchObject({ problem: { code: "tooLarge", message: expect.stringContaining("later") } });
    expect(nodesAt(room, 16)).toBe(11 * 9_900 + 1);
  });

  it("D8 H11 what was inserted since is not held; its ids are, and no turn goes through all of a large insert", {
    timeout: 60_000,
  }, () => {
    const room = openRoom(item("root"));
    const grow = (from: number, to: number) => {
      for (let round = from; round < to; round++)
        room.call({ op: "insert", node: large(`t${round}-`, 9_900), parent: "root" });
    };
    grow(0, 11);
    // In rows, and out of memory.
    room.server.ask((calls, now) => calls.stop(now));
    const early = askText(room, { at: { seq: 0 } });
    const { turns, longest } = follow(room, early);
    expect(treeIn(early)).toEqual(item("root"));
    expect(turns).toBeGreaterThan(44);
    expect(longest).toBeLessThan(60);
    grow(11, 26);
    const earlier = askText(room, { at: { seq: 0 } });
    follow(room, earlier);
    expect(treeIn(earlier)).toBe("tooLarge");
    expect(nodesAt(room, 1)).toBe(9_901);
  });

  it("B55 H2 one for which there is no room is given up with tooMany, in whatever turn that shows", () => {
    const room = largeRoom();
    const task = askText(room, {}, gather(LIMITS.partBytes));
    expect(treeIn(task)).toBe("under way");
    follow(room, task);
    expect(task.result).toMatchObject({ problem: { code: "tooMany", retryAfter: LIMITS.readTimeout } });
    const small = openRoom(item("root"));
    const all = askText(small).text.length;
    expect(treeIn(askText(small, {}, gather(all)))).toMatchObject({ id: "root" });
    expect(treeIn(askText(small, {}, gather(all - 1)))).toBe("tooMany");
  });

  it("H11 calls that take long are limited, and one tree is read after the other", () => {
    const room = largeRoom();
    const tasks = Array.from({ length: LIMITS.calls }, () => askText(room));
    expect(tasks.map(treeIn)).toEqual(tasks.map(() => "under way"));
    expect(treeIn(askText(room))).toBe("tooMany");
    expect(infoOf(room).treeSize, "what is short goes beside them").toBe(20_002);
    const over: number[] = [];
    for (const [index, task] of tasks.entries()) task.whenDone(() => over.push(index));
    for (const task of tasks) follow(room, task);
    expect(over).toEqual(tasks.map((_, index) => index));
    expect(tasks.every(({ result }) => result?.ok)).toBe(true);
    expect(treeIn(askText(room))).toBe("under way");
  });

  it.each<[string, (room: Room) => void]>([
    ["is stopped", (room) => void room.server.ask((calls, now) => calls.stop(now))],
    ["is deleted", (room) => void room.server.call((calls) => calls.destroy())],
    [
      "fails",
      (room) => {
        room.server.sql.failAt(1);
        room.server.fire();
        room.server.sql.failAt(null);
      },
    ],
  ])(
    "H11 S14 it is given up with unavailable when the document %s meanwhile, and nothing is held any more",
    (_, end) => {
      const room = largeRoom();
      const task = askText(room);
      end(room);
      expect(treeIn(task)).toBe("unavailable");
      expect(room.server.due).toBe(null);
    },
  );

  it("L3 grace does not end before it", () => {
    const room = begin({ gracePeriod: 1_000, sweepInterval: null }, item("root", large("a", 20_000)));
    room.call(update("root", { x: 1 }));
    const task = askText(room);
    room.server.now += 1_000;
    room.server.ring();
    follow(room, task);
    expect(task.result?.ok).toBe(true);
    expect(infoOf(room).state).toBe("grace");
    room.wait(60_000);
    expect(infoOf(room).state).toBe("asleep");
  });

  it.each(WAYS)(
    "D10 a tree that changes faster than it is read %s is that of before, while what it was is small",
    (_, query) => {
      const room = largeRoom();
      const task = askText(room, query);
      for (const text of ["x".repeat(900_000), 1]) {
        for (let each = 0; each < 40; each++) room.call(update(`a${19_000 + each}`, { text }));
      }
      follow(room, task);
      expect(treeIn(task)).toEqual(toDataOf(largeRoom()));
    },
  );

  it.each(WAYS)(
    "D10 read %s it is given up with unavailable where more was there than can be remembered",
    (_, query) => {
      const room = largeRoom();
      const fill = (text: Json) => {
        for (let each = 0; each < 20; each++) room.call(update(`a${19_000 + each}`, { text }));
      };
      fill("x".repeat(900_000));
      room.server.ask((calls, now) => calls.stop(now));
      const task = askText(room, query);
      expect(treeIn(task)).toBe("under way");
      fill(1);
      follow(room, task);
      expect(treeIn(task)).toBe("unavailable");
    },
  );

  it("H11 one of more nodes than may be held at once is walked through: the answer is the same", SLOW, () => {
    const many = openRoom(item("root", ...Array.from({ length: 14 }, (_, each) => large(`t${each}-`, 9_500))));
    const task = askText(many);
    follow(many, task);
    const walked = askText(many, AS_A_WALK);
    follow(many, walked);
    expect(task.text).toBe(walked.text);
    expect(task.text.split('"id":').length).toBe(14 * 9_500 + 2);
  });

  it("H11 what was removed is not read for it where that is most of the rows", () => {
    const rooms = [0, 1].map((removed) => {
      const room = openRoom(item("root", large("a", 30_000), large("b", 5_000)));
      if (removed) room.call(remove("a"));
      room.server.ask((calls, now) => calls.stop(now));
      return room;
    });
    const statements = rooms.map((room) => {
      const before = room.server.sql.statements;
      const task = askText(room);
      follow(room, task);
      expect(treeIn(task)).toEqual(toDataOf(room));
      return room.server.sql.statements - before;
    });
    expect(statements[1]).toBeLessThan((statements[0] ?? 0) / 2);
  });

  it("H2 as data it is the same, in as many turns", () => {
    const room = largeRoom();
    const task = room.server.call((calls, now) => calls.tree({}, readState, now));
    if (!task) throw new Error("storage failed");
    expect(task.result).toBe(null);
    follow(room, task);
    expect(task.result).toMatchObject({ ok: true, value: { documentId: "doc", seq: 0 } });
    expect(task.result?.ok && task.result.value.tree).toEqual(toDataOf(room));
  });

  it("H11 L11 T14 the size is right whatever was removed, and is counted in many turns where that was large", () => {
    const room = openRoom(item("root", large("a", 20_000), large("c", 500), item("b")));
    room.call(remove("c"));
    room.call(remove("a"));
    const asked = [1, 2].map(() => room.server.call((calls, now) => calls.info(now)));
    expect(asked.map((task) => task?.result)).toEqual([null, null]);
    room.call(insert("d", "b"));
    room.call(move("a5", "b"));
    for (const task of asked) if (task) follow(room, task);
    for (const task of asked) expect(task?.result).toMatchObject({ ok: true, value: { treeSize: 4, seq: 4 } });
    room.call(move("a", "b"));
    expect(infoOf(room).treeSize).toBe(20_003);
    room.call(remove("a"));
    const stopped = room.server.ask((calls, now) => calls.stop(now));
    expect(stopped).toMatchObject({ ok: true, value: { treeSize: 4, subscriberCount: 0 } });
    expect(infoOf(room).treeSize).toBe(4);
    const options = { gracePeriod: 5 };
    room.call(move("a", "b"), remove("a"));
    expect(room.server.ask((calls, now) => calls.configure(options, now))).toMatchObject({ value: { treeSize: 4 } });
    const found = room.server.ask((calls, now) => calls.getOrStart({ options: {} }, now));
    expect(found).toMatchObject({ ok: true, value: { treeSize: 4, created: false } });
  });

  it("H11 many branches that are not large are counted in many turns, too", () => {
    const branches = Array.from({ length: 40 }, (_, index) => large(`b${index}-`, 200));
    const room = openRoom(item("root", ...branches));
    room.call(...branches.map(({ id = "" }) => remove(id)));
    const task = room.server.call((calls, now) => calls.info(now));
    if (!task) throw new Error("storage failed");
    expect(follow(room, task).turns).toBeGreaterThan(2);
    expect(task.result).toMatchObject({ value: { treeSize: 1 } });
  });

  it("D7 a page of history ends after so much, and goes on where it ended", () => {
    const room = openRoom(item("root", item("a")));
    for (let each = 0; each < 12; each++) room.call(update("a", { text: String(each).padEnd(900_000) }));
    room.server.ask((calls, now) =>
      calls.mutate({ ops: [update("a", { x: 1 })], meta: { which: "last" } }, WRITER, now),
    );
    let pages = 0;
    let found: number[] = [];
    for (let after = 0; ; pages++) {
      const page = room.server.ask((calls, now) => calls.history({ after, where: { meta: { which: "last" } } }, now));
      if (!page?.ok) throw new Error("no history");
      found = [...found, ...page.value.entries.map(({ seq }) => seq)];
      if (!page.value.more) break;
      expect(page.value.next).toBeGreaterThan(after);
      after = page.value.next;
    }
    expect(pages).toBeGreaterThan(1);
    expect(found).toEqual([13]);
  });

  it("H11 a page of history is read in turns, others go on meanwhile, and what they commit is in it or is not", () => {
    const room = openRoom(item("root", item("a")));
    const honest = room.enter("honest");
    for (let each = 0; each < 6; each++) room.call(update("a", { text: String(each).padEnd(200_000) }));
    honest.hear();
    const task = room.server.call((calls, now) => calls.history({}, now));
    if (!task) throw new Error("storage failed");
    expect(task.result).toBe(null);
    honest.mutate(update("a", { x: 1 }));
    room.settle();
    expect(honest.hearShort()).toContain("delta 7");
    const page = task.result;
    if (!page?.ok) throw new Error("no history");
    expect(page.value.entries.map(({ seq }) => seq).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

function toDataOf(room: Room): NodeData {
  const found = room.server.ask((calls, now) => calls.tree({}, readState, now));
  if (!found?.ok) throw new Error("the tree cannot be read");
  return found.value.tree;
}

/** How many nodes there were at a seq. */
function nodesAt(room: Room, at: number): number {
  const task = askText(room, { at: { seq: at } });
  follow(room, task);
  return task.text.split('"id":').length - 1;
}
