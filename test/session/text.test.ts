import { describe, expect, it } from "vitest";
import type { ServerMessage } from "../../src/protocol/index.ts";
import { type NodeData, type Operation, toData } from "../../src/tree/index.ts";
import { find } from "./look.ts";
import { openRoom, type Room, type Visitor } from "./room.ts";

const row = (id: string, text: string, ...children: NodeData[]): NodeData => ({
  ...{ id, type: "row", attrs: { text } },
  ...(children.length > 0 && { children }),
});
const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });
const split = (id: string, at: number, node: string, head?: true): Operation => ({
  ...{ op: "split", id, attr: "text", at, node: { id: node, type: "row" } },
  ...(head && { head }),
});
const join = (id: string, into: string): Operation => ({ op: "join", id, into, attr: "text" });

const open = (...rows: NodeData[]): Room => openRoom({ id: "root", type: "list", children: rows });

/** The rows of the document, their texts and what stands below them. */
function rows(room: Room): string {
  const show = ({ attrs, children }: NodeData): string => {
    const below = (children ?? []).map(show).join(" ");
    return `${attrs?.text ?? ""}${below && `(${below})`}`;
  };
  const found = find(room.server);
  if (!found?.ok) throw new Error("there is no tree");
  return (toData(found.value.view, found.value.node).children ?? []).map(show).join(" / ");
}

/** Sends one mutation with a base and hears everything. */
function send(room: Room, by: Visitor, mutation: number, base: number, ...ops: Operation[]): ServerMessage[] {
  by.send({ type: "mutate", mutations: [{ mutation, base, ops }] });
  room.settle();
  return by.hear();
}

describe("the table of the agreement, in both orders", () => {
  const hello = [row("a", "helloworld")];
  const two = [row("a", "hello"), row("b", "world")];
  it.each<[string, NodeData[], Operation, Operation, string, string?]>([
    [
      "insert, insert at one place: the earlier first",
      hello,
      edit("a", 5, "X"),
      edit("a", 5, "Y"),
      "helloXYworld",
      "helloYXworld",
    ],
    ["insert inside what is deleted", hello, edit("a", 3, -5), edit("a", 5, "X"), "helXld"],
    ["delete, delete", hello, edit("a", 3, -5), edit("a", 5, -5), "hel"],
    ["split at 5, X typed at 8", hello, split("a", 5, "n"), edit("a", 8, "X"), "hello / worXld"],
    ["split at 5, X typed at 5", hello, split("a", 5, "n"), edit("a", 5, "X"), "helloX / world"],
    ["split at 5, split at 5", hello, split("a", 5, "n"), split("a", 5, "m"), "hello /  / world"],
    ["split at 5, split at 7", hello, split("a", 5, "n"), split("a", 7, "m"), "hello / wo / rld"],
    ["split at 5, delete 3-8", hello, split("a", 5, "n"), edit("a", 3, -5), "hel / ld"],
    ["join, X typed in the second row", two, join("b", "a"), edit("b", 3, "X"), "helloworXld"],
    ["join, join", two, join("b", "a"), join("b", "a"), "helloworld"],
    ["join, split of the second at 2", two, join("b", "a"), split("b", 2, "n"), "hellowo / rld"],
    ["split of the first at 2, join", two, split("a", 2, "n"), join("b", "a"), "he / lloworld"],
  ])("X30 %s", (_, start, one, other, expected, reversed = expected) => {
    for (const [first, second, result] of [
      [one, other, expected],
      [other, one, reversed],
    ] as const) {
      const room = open(...start);
      const [ann, bob] = [room.enter("ann"), room.enter("bob")];
      send(room, ann, 1, 0, first);
      send(room, bob, 1, 0, second);
      expect(rows(room)).toBe(result);
    }
  });
});

describe("undo of texts", () => {
  const undo = (...mutations: number[]): Operation => ({ op: "undo", mutations });
  const redo = (...mutations: number[]): Operation => ({ op: "redo", mutations });
  const hello = [row("a", "helloworld"), row("z", "end")];
  /** Ann does the first, Bob the second, having seen it; then Ann undoes, and does it again. */
  it.each<[string, NodeData[], Operation, Operation, string, string, string]>([
    [
      "what one has typed goes, and nothing of others",
      hello,
      edit("a", 5, "ann"),
      edit("a", 6, "BOB"),
      "helloaBOBnnworld / end",
      "helloBOBworld / end",
      "helloaBOBnnworld / end",
    ],
    [
      "what one has deleted comes back",
      hello,
      edit("a", 3, -5),
      edit("a", 3, "BOB"),
      "helBOBld / end",
      "helBOBloworld / end",
      "helBOBld / end",
    ],
    [
      "what one has typed is found in the row that was split off",
      hello,
      edit("a", 8, "ann"),
      split("a", 9, "n"),
      "hellowora / nnld / end",
      "hellowor / ld / end",
      "hellowora / nnld / end",
    ],
    [
      "a split whose rows others typed in is a join that keeps it",
      hello,
      split("a", 5, "n"),
      edit("n", 5, "BOB"),
      "hello / worldBOB / end",
      "helloworldBOB / end",
      "hello / worldBOB / end",
    ],
    [
      "a head split, too",
      hello,
      split("a", 5, "n", true),
      edit("n", "BOB"),
      "BOBhello / world / end",
      "BOBhelloworld / end",
      "BOBhello / world / end",
    ],
    [
      "a join is taken apart where it was put together",
      [row("a", "hello"), row("b", "world", row("c", "c"))],
      join("b", "a"),
      edit("a", 7, "BOB"),
      "hellowoBOBrld(c)",
      "hello / woBOBrld(c)",
      "hellowoBOBrld(c)",
    ],
  ])("X45 %s", (_, start, mine, others, both, undone, redone) => {
    const room = open(...start);
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, mine);
    send(room, bob, 1, 1, others);
    expect(rows(room)).toBe(both);
    send(room, ann, 2, 2, undo(1));
    expect(rows(room)).toBe(undone);
    send(room, ann, 3, 3, redo(1));
    expect(rows(room)).toBe(redone);
    send(room, ann, 4, 4, undo(1));
    expect(rows(room)).toBe(undone);
    room.server.crash();
    const again = room.enter("ann");
    send(room, again, 5, 5, redo(1));
    expect(rows(room)).toBe(redone);
  });

  it("X45 a row that was inserted goes when what was typed into it is undone", () => {
    const room = open(row("a", "a"));
    const ann = room.enter("ann");
    send(room, ann, 1, 0, { op: "insert", node: { id: "n", type: "row" }, parent: "root" });
    for (let at = 0; at < 5; at++) send(room, ann, 2 + at, 1 + at, edit("n", ...(at > 0 ? [at] : []), "x"));
    expect(rows(room)).toBe("a / xxxxx");
    send(room, ann, 7, 6, undo(1, 2, 3, 4, 5, 6));
    expect(rows(room)).toBe("a");
    send(room, ann, 8, 7, redo(1, 2, 3, 4, 5, 6));
    expect(rows(room)).toBe("a / xxxxx");
    for (const [index, left] of ["xxxx", "xxx", "xx", "x", ""].entries()) {
      send(room, ann, 9 + index, 8 + index, undo(6 - index));
      expect(rows(room)).toBe(`a / ${left}`);
    }
    send(room, ann, 14, 13, undo(1));
    expect(rows(room)).toBe("a");
  });
});
