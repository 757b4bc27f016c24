import { describe, expect, it } from "vitest";
import { type BlamePage, decodeBlameQuery, LIMITS } from "../../src/protocol/index.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { openRoom, writerOf } from "./room.ts";

function open(...children: NodeData[]) {
  const server = createTestServer();
  const calls = server.call("plan");
  calls.getOrStart({ tree: { id: "root", type: "list", children } });
  const counters = new Map<string, number>();
  const does = (user: string, ...ops: Operation[]) => {
    const mutation = (counters.get(user) ?? 0) + 1;
    counters.set(user, mutation);
    const answer = calls.mutate({ client: `${user}-1`, mutation, ops }, writerOf(user));
    if (!answer.ok) throw new Error(JSON.stringify({ ops, answer }));
    return answer.value.seq;
  };
  const blame = (node: string, attr?: string): BlamePage => {
    const answer = calls.blame({ node, ...(attr !== undefined && { attr }) });
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  };
  /** The runs of a text, each as its author and what he has put there. */
  const typed = (node: string) => {
    const state = calls.getState({ node });
    const text = state.ok ? String(state.value.tree.attrs?.text) : "";
    return (blame(node, "text").texts.text ?? []).map((run) => {
      const by = "before" in run ? `before ${run.before}` : run.seq === null ? "?" : run.userId;
      return `${by}: ${text.slice(run.from, run.to)}`;
    });
  };
  return { server, calls, does, blame, typed };
}

const row = (id: string, text: string, more = {}): NodeData => ({ id, type: "row", attrs: { text, ...more } });
const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });

describe("V40 who has made what stands in a node", () => {
  it("V40 who has inserted it, moved it, given it its type, written each attribute last, and removed it", () => {
    const { does, blame } = open(row("a", "x"));
    does("ann", { op: "insert", node: row("b", "hello", { done: false, color: "red" }), parent: "root" });
    does("bob", { op: "update", id: "b", attrs: { done: true } });
    does("cyd", { op: "move", id: "b", parent: "a" });
    does("bob", { op: "update", id: "b", type: "task", unset: ["color"] });
    does("ann", { op: "remove", id: "b" });
    const by = (page: BlamePage) => {
      const short = (made: BlamePage["moved"]) => (made && "seq" in made ? [made.seq, made.userId, made.client] : made);
      const { inserted, moved, type, removed, attrs } = page;
      const each = Object.fromEntries(Object.entries(attrs).map(([key, made]) => [key, short(made)]));
      return { inserted: short(inserted), moved: short(moved), type: short(type), removed: short(removed), each };
    };
    expect(by(blame("b"))).toEqual({
      inserted: [1, "ann", "ann-1"],
      moved: [3, "cyd", "cyd-1"],
      type: [4, "bob", "bob-1"],
      removed: [5, "ann", "ann-1"],
      each: { text: [1, "ann", "ann-1"], done: [2, "bob", "bob-1"], color: [4, "bob", "bob-1"] },
    });
    expect(blame("b")).toMatchObject({ seq: 5, node: "b", texts: {}, more: false, next: null });
    expect(blame("a")).toMatchObject({ inserted: { before: 1 }, attrs: { text: { before: 1 } } });
    expect(blame("a")).not.toHaveProperty("moved");
    expect(blame("b").removed).toMatchObject({ time: expect.any(Number) });
  });

  it("V40 V41 what was inserted with a branch is whose the branch is", () => {
    const { does, blame, typed } = open();
    does("ann", { op: "insert", node: { ...row("a", "x"), children: [row("b", "hello")] }, parent: "root" });
    does("bob", { op: "edit", id: "b", attr: "text", changes: [5, "!"] });
    expect(blame("b")).toMatchObject({ inserted: { seq: 1, userId: "ann" }, attrs: { text: { seq: 2 } } });
    expect(blame("b")).not.toHaveProperty("moved");
    expect(typed("b")).toEqual(["ann: hello", "bob: !"]);
  });

  it("V40 says of what an undo has put back whose it is", () => {
    const { does, calls, blame } = open(row("a", "x", { v: 0 }));
    does("ann", { op: "update", id: "a", attrs: { v: 1 } });
    const seq = does("bob", { op: "update", id: "a", attrs: { v: 2 } });
    calls.undo({ seq });
    expect(blame("a").attrs.v).toMatchObject({ seq: 1, userId: "ann" });
  });

  it("V40 a node that is not there is `notFound`", () => {
    const { calls } = open();
    expect(calls.blame({ node: "x" })).toMatchObject({ problem: { code: "notFound" } });
  });
});

describe("V41 who has typed what", () => {
  it("V41 each run, over splits and joins; a replaced text keeps what is the same", async () => {
    const { does, typed, server } = open(row("a", "hello"));
    does("ann", edit("a", 5, " world"));
    await server.advance(6 * 60_000);
    does("bob", edit("a", 6, "big "));
    expect(typed("a")).toEqual(["before 1: hello", "ann:  ", "bob: big ", "ann: world"]);
    does("cyd", { op: "split", id: "a", attr: "text", at: 8, node: { id: "b", type: "row" } });
    expect(typed("a")).toEqual(["before 1: hello", "ann:  ", "bob: bi"]);
    expect(typed("b")).toEqual(["bob: g ", "ann: world"]);
    does("cyd", edit("b", 2, "WIDE "));
    does("bob", { op: "join", id: "b", into: "a", attr: "text" });
    expect(typed("a")).toEqual(["before 1: hello", "ann:  ", "bob: big ", "cyd: WIDE ", "ann: world"]);
    does("cyd", { op: "update", id: "a", attrs: { text: "hello big WIDE worlds" } });
    expect(typed("a")).toEqual(["before 1: hello", "ann:  ", "bob: big ", "cyd: WIDE ", "ann: world", "cyd: s"]);
  });

  it("V41 of several updates in one mutation each is taken back by its own", () => {
    const { does, typed } = open(row("a", "hello"));
    const typing: Operation = { op: "update", id: "a", unset: ["v"], type: "task" };
    does("bob", typing, { op: "update", id: "a", attrs: { v: 1, text: "hello!" } });
    does("ann", edit("a", 6, "?"));
    expect(typed("a")).toEqual(["before 1: hello", "bob: !", "ann: ?"]);
  });

  it("V41 what an undo brings back is its author's, and so is what is done again", () => {
    const { does, calls, typed } = open(row("a", ""));
    const first = does("ann", edit("a", "abc"));
    does("bob", edit("a", 3, "def"));
    const gone = does("cyd", edit("a", 1, -4));
    calls.undo({ seq: gone });
    expect(typed("a")).toEqual(["ann: abc", "bob: def"]);
    calls.undo({ seq: first });
    expect(typed("a")).toEqual(["bob: def"]);
    calls.undo({ seq: first, redo: true });
    expect(typed("a")).toEqual(["ann: abc", "bob: def"]);
  });

  it("V41 what one types without a pause is one run, from its first event to its last", async () => {
    const { does, blame, server } = open(row("a", ""));
    for (const [index, key] of [..."key"].entries()) does("ann", edit("a", ...(index > 0 ? [index] : []), key));
    expect(blame("a").texts.text).toMatchObject([{ from: 0, to: 3, first: 1, seq: 3 }]);
    await server.advance(6 * 60_000);
    does("ann", edit("a", 3, "s"));
    expect(blame("a").texts.text).toMatchObject([
      { from: 0, to: 3 },
      { from: 3, to: 4, seq: 4 },
    ]);
  });

  it("V41 a text that nobody edits has no runs unless it is asked for", () => {
    const { does, blame, typed } = open(row("a", "red"));
    does("ann", { op: "update", id: "a", attrs: { text: "blue" } });
    expect(blame("a").texts).toEqual({});
    expect(typed("a")).toEqual(["ann: blue"]);
    expect(blame("a", "text").attrs).toMatchObject({ text: { seq: 1 } });
  });

  it("V41 a split that has taken nothing has written nothing", () => {
    const room = openRoom({ id: "root", type: "list", children: [row("a", "")] });
    const ann = room.enter("ann", writerOf("ann"));
    ann.mutate(edit("a", "one"));
    room.wait(60_000);
    const split: Operation = { op: "split", id: "a", attr: "text", at: 3, node: { id: "b", type: "row" } };
    const mutations = [split, edit("a", 3, "two")].map((each, index) => ({ mutation: 2 + index, ops: [each] }));
    ann.send({ type: "mutate", mutations });
    room.settle();
    const answer = room.server.ask((calls, now) => calls.blame({ node: "a" }, now));
    expect(answer).toMatchObject({ value: { texts: { text: [{ from: 0, to: 6, first: 1, seq: 3 }] } } });
  });

  it("V41 a part of a text can be asked for by itself", () => {
    const { does, calls } = open(row("a", ""));
    does("ann", edit("a", "abcdef"));
    does("bob", edit("a", 3, "XY"));
    const part = (from?: number, to?: number) => {
      const answer = calls.blame({
        node: "a",
        attr: "text",
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      });
      return (
        answer.ok && answer.value.texts.text?.map((run) => [run.from, run.to, "userId" in run ? run.userId : null])
      );
    };
    expect(part(2, 4)).toEqual([
      [2, 3, "ann"],
      [3, 4, "bob"],
    ]);
    expect(part(6)).toEqual([[6, 8, "ann"]]);
    expect(part(undefined, 1)).toEqual([[0, 1, "ann"]]);
    expect(part(9, 12)).toBe(undefined);
    expect(calls.blame({ node: "a", from: 1 })).toMatchObject({ problem: { code: "invalid" } });
  });

  it("V44 what is older than the history is said to be before it", async () => {
    const { server, calls, does, typed, blame } = open(row("a", ""));
    does("ann", edit("a", "old"));
    calls.configure({ options: { historyRetention: 60_000 } });
    await server.advance(120_000);
    does("bob", edit("a", 3, "new"));
    calls.stop();
    await server.advance(1_000);
    does("bob", edit("a", 6, "er"));
    const info = calls.info();
    const from = info.ok ? info.value.historyFrom : 0;
    expect(from).toBeGreaterThan(1);
    expect(typed("a")).toEqual([`before ${from}: old`, "bob: newer"]);
    expect(blame("a").inserted).toEqual({ before: from });
  });
});

describe("V45 a cursor", () => {
  const CURSOR = { seq: 1, at: 2, wanted: true, nodes: [], texts: [], asleep: [], attrs: [] };
  const asked = (before: unknown) => decodeBlameQuery({ node: "a", before: JSON.stringify(before) });
  const pieces = (count: number) => Array.from({ length: count }, (_, index) => [2 * index, 1, 2 * index]);

  it("V45 takes as many pieces as it may hold, and what nobody has made is invalid", () => {
    const most = LIMITS.blamePieces;
    expect(asked({ ...CURSOR, texts: [["a", "text", 1, pieces(most)]] }).ok).toBe(true);
    for (const wrong of [
      { ...CURSOR, texts: [["a", "text", 1, pieces(most + 1)]] },
      { ...CURSOR, attrs: Array.from({ length: most + 1 }, () => ["a", 1]) },
      { ...CURSOR, at: -1 },
      { ...CURSOR, more: true },
      7,
    ])
      expect(asked(wrong)).toMatchObject({ problem: { code: "invalid" } });
    expect(decodeBlameQuery({ node: "a", before: "{" })).toMatchObject({ problem: { code: "invalid" } });
    const long = (length: number) =>
      decodeBlameQuery({ node: "a", before: JSON.stringify(CURSOR).padEnd(length, " ") });
    expect(long(LIMITS.blameCursor).ok).toBe(true);
    expect(long(LIMITS.blameCursor + 1)).toMatchObject({ problem: { code: "tooLarge" } });
  });

  it("V45 whatever it says there is an answer, and an end", () => {
    const { does, calls } = open(row("a", "hello"), row("b", "world"));
    does("ann", edit("a", 5, "!"));
    does("bob", { op: "split", id: "a", attr: "text", at: 3, node: { id: "c", type: "row" } });
    const seq = does("ann", edit("c", -1));
    calls.undo({ seq });
    does("bob", { op: "join", id: "b", into: "c", attr: "text" });
    const random = createRandom(seed);
    const below = (most: number) => Math.floor(random() * most);
    const id = () => ["a", "b", "c", "nobody"][below(4)];
    const number = () => [0, 1, below(8), below(8), 999, Number.MAX_SAFE_INTEGER][below(6)];
    const orNull = () => (below(3) === 0 ? null : number());
    const some = <T>(make: () => T) => Array.from({ length: below(4) }, make);
    const units = () => some(() => [below(9), below(9), below(9)]);
    for (let run = 0; run < times(500); run++) {
      const cursor = {
        ...{ seq: number(), at: number(), wanted: below(2) === 0 },
        nodes: some(() => [id(), orNull()]),
        texts: some(() => [id(), "text", orNull(), units()]),
        asleep: some(() => [number(), below(4), id(), "text", units()]),
        attrs: some(() => ["text", number()]),
      };
      const answer = calls.blame({ node: "a", before: JSON.stringify(cursor) });
      expect(answer.ok, JSON.stringify(cursor)).toBe(true);
    }
  });
});
