import { describe, expect, it } from "vitest";
import {
  type DiffNode,
  type DiffOperations,
  type DiffPage,
  type DiffQuery,
  LIMITS,
  type RestoreCall,
} from "../../src/protocol/index.ts";
import type { Operation, ReadStore } from "../../src/tree/index.ts";
import { insert, item, move, remove, update } from "../tree/document.ts";
import { inline, outline } from "../tree/outline.ts";
import { dataOf, find } from "./look.ts";
import { openRoom, type Room, WRITER } from "./room.ts";

const row = (id: string, text: string) => ({ id, type: "row", attrs: { text } });
const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });

function restore({ server }: Room, call: RestoreCall) {
  const answer = server.ask((calls, now) => calls.restore(call, WRITER, now));
  return answer?.ok ? answer.value : answer?.problem;
}

function diff({ server }: Room, query: DiffQuery): DiffPage & DiffOperations {
  const answer = server.ask((calls, now) => calls.diff(query, now));
  if (!answer?.ok) throw new Error(JSON.stringify(answer));
  return { nodes: [], authors: {}, ops: [], ...answer.value };
}

/** The tree as it is now. */
function found({ server }: Room): ReadStore {
  const tree = find(server);
  if (!tree?.ok) throw new Error("there is no tree");
  return tree.value.view;
}

describe("restoring", { timeout: 60_000 }, () => {
  it("V30 is one mutation: in the history, told to everyone, and taken back by an undo", () => {
    const room = openRoom({ ...item("root"), children: [row("a", "one"), row("b", "two")] });
    const watcher = room.enter("watcher");
    room.call(edit("a", 3, " more"), remove("b"), { op: "insert", node: row("c", "three"), parent: "root" });
    const before = dataOf(room.server);
    watcher.hear();
    const answer = restore(room, { to: { seq: 0 }, others: "remove" });
    expect(answer).toMatchObject({ seq: 2, to: 0, more: false });
    expect(dataOf(room.server)).toEqual(dataOf(room.server, { at: { seq: 0 } }));
    const [delta] = watcher.hear();
    expect(delta).toMatchObject({ type: "delta", events: [{ seq: 2, meta: { restored: 0 } }] });
    room.call({ op: "undo", seqs: [2] });
    expect(dataOf(room.server)).toEqual(before);
  });

  it("V33 texts come back by the edits that lead back, piece by piece, so that what is beside keeps its place", () => {
    const room = openRoom({ ...item("root"), children: [row("a", "the quick fox jumps")] });
    room.call(edit("a", 4, -6), edit("a", 13, " over"));
    const plan = restore(room, { to: { seq: 0 }, dryRun: true });
    expect(plan).toEqual({ seq: 1, to: 0, more: false, ops: [edit("a", 4, "quick ", 9, -5)] });
    expect(room.server.ask((calls, now) => calls.info(now))).toMatchObject({ value: { seq: 1 } });
  });

  it("V31 V32 keeps or removes what others have put there; a row that was only split off goes, as its text is back", () => {
    const open = () => {
      const room = openRoom({
        ...item("root"),
        children: [{ ...row("a", "helloworld"), children: [item("k")] }, item("z")],
      });
      room.call({ op: "split", id: "a", attr: "text", at: 5, node: { id: "b", type: "row" } });
      room.call(insert("n", "a"), insert("m", "root"), remove("k"));
      return room;
    };
    const shown = (room: Room) => inline(outline(found(room)));
    const kept = open();
    restore(kept, { to: { seq: 0 } });
    expect(shown(kept)).toBe('root(a:row text="helloworld"(k n) z m)');
    // It goes although something stands in it, where that goes home.
    const moved = open();
    moved.call(move("z", "b"));
    restore(moved, { to: { seq: 0 } });
    expect(shown(moved)).toBe('root(a:row text="helloworld"(k n) z m)');
    const removed = open();
    restore(removed, { to: { seq: 0 }, others: "remove", node: "a" });
    expect(shown(removed)).toBe('root(a:row text="helloworld"(k) b:row text="world" z m)');
  });

  it("V32 what a branch stands in now stays, with what was in that; what else has left it comes back", () => {
    const room = openRoom({ ...item("root"), children: [item("a", item("b", item("c")), item("d"), item("e"))] });
    room.call(move("b", "root"), move("a", "b"), move("c", "root"), move("e", "root"), move("d", "e"));
    expect(inline(outline(found(room)))).toBe("root(b(a) c e(d))");
    expect(restore(room, { to: { seq: 0 }, node: "a" })).toMatchObject({ seq: 2 });
    expect(inline(outline(found(room)))).toBe("root(b(a(d e)) c)");
  });

  it("V34 one that is removed comes back with its node, to where it stood, or to the nearest of what it stood in", () => {
    const room = openRoom({ ...item("root"), children: [item("a", item("b", item("c"))), item("d")] });
    room.call(remove("c"));
    room.call(update("b", { x: 1 }), remove("b"));
    room.call(remove("a"));
    expect(restore(room, { to: { seq: 0 }, node: "b" })).toMatchObject({ seq: 4 });
    expect(inline(outline(found(room)))).toBe("root(b(c) d)");
  });

  it("V34 of a branch that was not there it says so, and of a moment that there is not", () => {
    const room = openRoom(item("root", item("a")));
    room.call(insert("n", "root"));
    expect(restore(room, { to: { seq: 0 }, node: "n" })).toMatchObject({ code: "notFound" });
    expect(restore(room, { to: { seq: 7 } })).toMatchObject({ code: "invalid" });
    expect(restore(room, { to: { version: "first" } })).toMatchObject({ code: "notFound" });
    expect(restore(room, { to: { time: room.server.now } })).toMatchObject({ ops: [], to: 1 });
  });

  it("V36 S4 a counter that was answered is answered again, and nothing is restored once more", () => {
    const room = openRoom(item("root", item("a")));
    room.call(update("a", { x: 1 }));
    const call = { to: { seq: 0 }, client: "ann", mutation: 1 };
    const first = restore(room, call);
    expect(first).toMatchObject({ seq: 2, to: 0 });
    room.call(update("a", { x: 2 }));
    expect(restore(room, call)).toEqual(first);
    expect(dataOf(room.server)).toMatchObject({ children: [{ attrs: { x: 2 } }] });
  });

  it("V30 W38 the application has the last word, and is told every node that comes back", () => {
    const room = openRoom(item("root", item("a"), item("b")));
    room.call(remove("a"), remove("b"));
    room.server.authorizeMutation = ({ touched }) => touched.every(({ id }) => id !== "b") || { message: "not b" };
    room.server.evict();
    expect(restore(room, { to: { seq: 0 } })).toMatchObject({ code: "forbidden", message: "not b" });
    expect(restore(room, { to: { seq: 0 }, node: "a" })).toMatchObject({ seq: 2 });
  });

  it("V37 so many operations are one mutation; of one more it says what to do, and partly it is done bit by bit", () => {
    const most = LIMITS.operationsPerMutation;
    const ids = Array.from({ length: most + 1 }, (_, index) => `r${index}`);
    const room = openRoom(item("root", ...ids.map((id) => item(id))));
    const touch = (some: readonly string[]) => room.call(...some.map((id) => update(id, { x: 1 })));
    touch(ids.slice(1));
    expect(restore(room, { to: { seq: 0 }, dryRun: true })).toMatchObject({ more: false, ops: { length: most } });
    touch(ids.slice(0, 1));
    expect(restore(room, { to: { seq: 0 } })).toMatchObject({ code: "tooLarge" });
    let calls = 0;
    for (let more = true; more; calls++) {
      room.server.now += 60_000;
      const part = restore(room, { to: { seq: 0 }, partly: true });
      if (!part || !("more" in part)) throw new Error(JSON.stringify(part));
      expect(part.ops.length).toBeLessThan(most);
      more = part.more;
    }
    expect(calls).toBeGreaterThan(1);
    expect(dataOf(room.server)).toEqual(dataOf(room.server, { at: { seq: 0 } }));
  });

  it("V38 others are served between the turns that it takes, and what they do meanwhile is met by the rules", () => {
    const room = openRoom(item("root", ...Array.from({ length: 3_000 }, (_, index) => item(`r${index}`))));
    room.call(...Array.from({ length: 3_000 }, (_, index) => move(`r${index}`, "root", { after: null })));
    room.call(insert("n", "r7"));
    const task = room.server.call((calls, now) => calls.restore({ to: { seq: 0 }, others: "remove" }, WRITER, now));
    expect(task?.result).toBe(null);
    // Nobody who restores has seen it.
    room.call(insert("m", "n"));
    let [turns, longest] = [0, 0];
    for (; task?.result === null; turns++) {
      const before = room.server.sql.statements;
      room.server.fire();
      longest = Math.max(longest, room.server.sql.statements - before);
    }
    expect(task?.result).toMatchObject({ ok: true, value: { rescued: ["m"] } });
    expect(turns).toBeGreaterThan(10);
    expect(longest).toBeLessThan(1_000);
  });
});

describe("what differs", () => {
  it("V23 a page has so many, or what crosses so many characters", () => {
    const text = "x".repeat(LIMITS.diffCharacters / 4 - 100);
    const room = openRoom(item("root", item("a"), item("b"), item("c"), item("d"), item("e"), item("f")));
    for (const id of "abcdef") room.call(update(id, { text }));
    const first = diff(room, {});
    expect([first.nodes.map(({ id }) => id), first.more, first.next]).toEqual([[..."abcde"], true, 5]);
    const rest = diff(room, { to: { seq: 6 }, after: first.next });
    expect([rest.nodes.map(({ id }) => id), rest.more]).toEqual([["f"], false]);
    expect(diff(room, { limit: 2 })).toMatchObject({ nodes: { length: 2 }, more: true, next: 2 });
  });

  it("V20 of a branch, as it stood in either state", () => {
    const room = openRoom(item("root", item("a", item("b")), item("c"), item("d")));
    room.call(move("b", "c"), update("c", { x: 1 }), update("d", { x: 1 }), insert("n", "a"));
    const { nodes } = diff(room, { node: "a" });
    expect(nodes.map(({ id, is }) => `${id} ${is}`)).toEqual(["b moved", "n inserted"]);
  });

  it("V21 V140 operations of a branch are for a copy of that: what has come into it is inserted, what has left it removed", () => {
    const room = openRoom(item("root", item("a", item("b"), item("e")), item("c", item("k")), item("d")));
    room.call(move("b", "d"), move("c", "a"), update("e", { x: 1 }), update("d", { x: 1 }), move("a", "d"));
    expect(diff(room, { node: "a", ops: true }).ops).toMatchObject([
      { op: "insert", node: { id: "c" }, parent: "a", after: "e" },
      { op: "insert", node: { id: "k" }, parent: "c", after: null },
      { op: "update", id: "e", attrs: { x: 1 } },
      { op: "remove", id: "b" },
    ]);
    room.call(remove("a"));
    expect(() => diff(room, { node: "a", ops: true })).toThrow("not there in both");
    expect(diff(room, { from: { seq: 1 }, node: "a" }).nodes).toMatchObject([{ id: "a", is: "removed" }]);
  });

  it("V20 V22 by node, with who has made it", () => {
    const room = openRoom({ ...item("root"), children: [row("a", "one"), item("b"), item("c")] });
    const ann = room.enter("ann");
    const bob = room.enter("bob");
    ann.mutate(edit("a", 3, " more"));
    bob.mutate(edit("a", -1, 2, " big"));
    ann.mutate(move("c", "root", { after: null }), insert("n", "b"));
    bob.mutate(update("b", { x: 1 }), remove("n"), insert("m", "b"));
    const { nodes, authors } = diff(room, { from: { seq: 0 } });
    const found: readonly DiffNode[] = [
      {
        ...{ id: "a", is: "changed", written: 2 },
        texts: { text: { from: "one", changes: [-1, 2, " big", " more"] } },
        by: { text: [2, null, 2, 1] },
      },
      {
        ...{ id: "c", is: "moved", placed: 3, parent: "root", after: null },
        from: { parent: "root", after: "b" },
      },
      { id: "b", is: "changed", written: 4, attrs: { x: { to: 1 } } },
      { id: "m", is: "inserted", placed: 4, type: "item", attrs: {}, parent: "b", after: null },
    ];
    expect(nodes).toEqual(found);
    expect(authors[1]).toMatchObject({ client: "ann" });
    expect(authors[2]).toMatchObject({ client: "bob" });
  });
});
