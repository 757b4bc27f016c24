import { expect, it } from "vitest";
import { createTestServer } from "../../src/testing/index.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { writerOf } from "./room.ts";

// What `npm run fuzz -- history` has found, made small.

const row = (id: string, text: string): NodeData => ({ id, type: "row", attrs: { text } });
const TREE: NodeData = { id: "root", type: "list", children: [row("a", "one"), row("b", "two")] };
const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });
const update = (id: string, attrs: Readonly<Record<string, string>>): Operation => ({ op: "update", id, attrs });
const insert = (id: string, text: string, parent = "root", after?: null): Operation => ({
  op: "insert",
  node: row(id, text),
  parent,
  ...(after === null && { after }),
});
const move = (id: string, parent: string, after?: null): Operation => ({
  ...{ op: "move", id, parent },
  ...(after === null && { after }),
});
const split = (id: string, at: number, node: string, head?: true): Operation => ({
  ...{ op: "split", id, attr: "text", at, node: { id: node, type: "row" } },
  ...(head && { head }),
});
const join = (id: string, into: string): Operation => ({ op: "join", id, into, attr: "text" });
const mark = (id: string, from: number, to: number): Operation => ({
  ...{ op: "mark", id, attr: "text", from, to, key: "bold", value: true },
});

it.each<[string, Operation[][]]>([
  ["a row is edited and moved", [[edit("a", 3, "!"), { op: "move", id: "a", parent: "b" }]]],
  ["a row is split and moved", [[split("a", 1, "n", true), { op: "move", id: "a", parent: "b" }]]],
  ["a text is replaced and edited", [[update("a", { text: "one more" }), edit("a", 1, -1)]]],
  ["a text is edited and replaced", [[edit("a", 1, "xy", -2), update("a", { v: "1", text: "oxyz" })]]],
  ["a text is replaced, and its row split", [[update("a", { text: "t one" }), split("a", 2, "n")]]],
  [
    "something else is written beside an edit",
    [[edit("a", "XYZ", -2)], [update("b", { v: "1" }), edit("a", 2, "W", -1)]],
  ],
  [
    "something else is written beside a split",
    [[split("a", 1, "n", true)], [update("b", { v: "1" }), split("a", 1, "m", true)]],
  ],
  ["a row of one's own is marked", [[insert("n", "new")], [mark("n", 0, 2)]]],
  ["a row of one's own is marked and split", [[insert("n", "new")], [mark("n", 1, 3)], [split("n", 1, "m", true)]]],
  ["a row of one's own is marked and joined", [[insert("n", "new")], [mark("n", 1, 3)], [join("n", "b")]]],
  ["a row is inserted and split", [[insert("n", "new"), split("n", 0, "m", true)]]],
  ["a row is inserted and joined", [[insert("n", "new", "b"), join("n", "b")]]],
  ["a joined text is replaced, and an attribute set", [[join("a", "b")], [update("b", { v: "1", text: "twooXne" })]]],
  ["a new row is moved into the one that it was split off", [[split("a", 1, "n", true), move("n", "a")]]],
  ["a new row is moved there where nothing was split off", [[split("a", 0, "n", true), move("n", "a")]]],
  ["a row is split, and the new one removed", [[split("b", 3, "n"), { op: "remove", id: "n" }]]],
  ["a row is moved away and back", [[move("b", "root", null), move("b", "root")]]],
  [
    "a row is moved away and back beside one that was joined",
    [[insert("n", "new", "root", null), join("a", "n")], [move("b", "n")], [move("b", "root")]],
  ],
  ["a row is moved into another, out and on", [[move("b", "a")], [move("b", "root", null)], [move("b", "root")]]],
  ["marks have come by a join", [[insert("n", "new")], [mark("a", 0, 2)], [join("a", "n")]]],
  ["marks have gone with their text", [[insert("n", "new")], [mark("n", 0, 2)], [edit("n", "x", -3)]]],
  ["a replaced text is marked", [[insert("n", "new")], [update("n", { text: "newer", v: "1" }), mark("n", 2, 4)]]],
  [
    "a replaced text is edited, split and edited",
    [[update("a", { text: "twelve", v: "1" })], [edit("a", "x", -2)], [split("a", 5, "n"), edit("a", 2, -1)]],
  ],
  ["a new row is split, and both edited at once", [[insert("n", "new")], [split("n", 2, "m")], [edit("n", "x", -2)]]],
  ["what is not there is deleted", [[insert("n", "new")], [{ op: "update", id: "n", unset: ["v"], type: "head" }]]],
  [
    "a text is replaced, and an empty one joined to it",
    [[edit("a", "x", -1)], [edit("a", -3)], [update("b", { text: "o!", v: "1" }), join("a", "b")]],
  ],
  [
    "an attribute is deleted and set beside a text",
    [
      [edit("a", "A"), edit("a", 1, "B")],
      [update("a", { v: "1" })],
      [{ op: "update", id: "a", unset: ["v"] }, update("a", { text: "ACDone", v: "2" })],
    ],
  ],
])(
  "V138 V142 undo of all, one by one or at once, leaves what there was, and redo what there came: %s",
  (_, mutations) => {
    for (const count of [1, 9]) {
      const calls = createTestServer().call("plan");
      calls.getOrStart({ tree: TREE });
      for (const [index, ops] of mutations.entries())
        expect(calls.mutate({ client: "ann", mutation: index + 1, ops }, writerOf("ann"))).toMatchObject({ ok: true });
      const state = () => {
        const answer = calls.getState();
        return answer.ok && answer.value.tree;
      };
      const end = state();
      const all = (redo: boolean) => {
        for (const _ of mutations) calls.undo({ count, redo }, writerOf("ann"));
        return state();
      };
      for (let round = 0; round < 2; round++) {
        expect(all(false)).toEqual(TREE);
        expect(all(true)).toEqual(end);
      }
    }
  },
);

it("V138 what others have typed into a row that was split off is not taken away with the row that it was split off", () => {
  const calls = createTestServer().call("plan");
  calls.getOrStart({ tree: TREE });
  calls.mutate({ client: "ann", mutation: 1, ops: [insert("n", "new")] }, writerOf("ann"));
  calls.mutate({ client: "ann", mutation: 2, ops: [split("n", 0, "m", true)] }, writerOf("ann"));
  calls.mutate({ ops: [edit("m", "BOB")] }, writerOf("bob"));
  expect(calls.undo({ count: 9 }, writerOf("ann"))).toMatchObject({
    value: { skipped: [{ id: "n", why: "changed", seq: 3 }] },
  });
  expect(calls.getState({ node: "n" })).toMatchObject({ value: { tree: { attrs: { text: "BOBnew" } } } });
});
