import { describe, expect, it } from "vitest";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { answer, insert, move, openDocument, remove, type TestDocument, update } from "./document.ts";
import { outline, PLAIN } from "./outline.ts";

const row = (id: string, text: string, ...children: NodeData[]): NodeData => ({
  ...{ id, type: PLAIN, attrs: { text } },
  ...(children.length > 0 && { children }),
});
const edit = (id: string, ...changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });
const split = (id: string, at: number, head?: true): Operation => ({
  ...{ op: "split", id, attr: "text", at, node: { id: "n", type: PLAIN } },
  ...(head && { head }),
});
const join = (id: string, into: string): Operation => ({ op: "join", id, into, attr: "text" });

const hello = (): NodeData => ({
  ...{ id: "root", type: PLAIN },
  children: [row("a", "hello", row("a1", "")), row("b", "world", row("b1", "")), row("z", "end", row("z1", ""))],
});

/** Rows, and in brackets what stands below them. */
function rows({ store }: TestDocument): string {
  const shown = outline(store)
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/ text=/, " "));
  return shown.map((line) => line.slice(2)).join(", ");
}

/** What others have done first, each on top of the last, and then one who has seen nothing of it. */
function meet(others: readonly Operation[], mine: Operation): [TestDocument, object] {
  const document = openDocument(hello());
  for (const each of others) expect(document.by("bob", each)).toMatchObject({ ok: true });
  const told = answer(document.by("ann", mine, { base: 0 }));
  return [document, told];
}

describe("rows that split and join while others do something to them", () => {
  it.each<[string, readonly Operation[], Operation, string, object?]>([
    [
      "X44 a row that was moved is split where it stands",
      [move("a", "z", { after: null })],
      split("a", 2),
      'b "world",   b1 "", z "end",   a "he",     a1 "",   n "llo",   z1 ""',
    ],
    [
      "X44 with its head, too",
      [move("a", "z", { after: null })],
      split("a", 2, true),
      'b "world",   b1 "", z "end",   n "he",   a "llo",     a1 "",   z1 ""',
    ],
    [
      "X44 a row that was moved is joined from there",
      [move("b", "z1")],
      join("b", "a"),
      'a "helloworld",   a1 "",   b1 "", z "end",   z1 ""',
    ],
    [
      "X44 one that was moved into what it is joined to, too",
      [move("b", "a1")],
      join("b", "a"),
      'a "helloworld",   a1 "",   b1 "", z "end",   z1 ""',
    ],
    [
      "X44 rows that are no neighbours any more are joined",
      [insert("new", "root", { after: "a" })],
      join("b", "a"),
      'a "helloworld",   a1 "",   b1 "", new, z "end",   z1 ""',
    ],
    [
      "X44 what was put below the joined row goes along",
      [insert("new", "b", { after: null })],
      join("b", "a"),
      'a "helloworld",   a1 "",   new,   b1 "", z "end",   z1 ""',
    ],
    [
      "X44 what was put below the other row stays before it",
      [insert("new", "a")],
      join("b", "a"),
      'a "helloworld",   a1 "",   new,   b1 "", z "end",   z1 ""',
    ],
    [
      "X44 what was moved away from below it stays away",
      [move("b1", "z")],
      join("b", "a"),
      'a "helloworld",   a1 "", z "end",   z1 "",   b1 ""',
    ],
    [
      "X44 what was removed below it stays removed",
      [remove("b1")],
      join("b", "a"),
      'a "helloworld",   a1 "", z "end",   z1 ""',
    ],
    [
      "X23 a row that others moved above the other is not joined into what is below it",
      [move("a", "b1")],
      join("b", "a"),
      'b "world",   b1 "",     a "hello",       a1 "", z "end",   z1 ""',
      { code: "cycle", op: 0, seq: 1 },
    ],
    [
      "X40 a text that was replaced is split at what is left of it",
      [update("a", { text: "HEllo" })],
      split("a", 2),
      'a "HE",   a1 "", n "llo", b "world",   b1 "", z "end",   z1 ""',
    ],
    [
      "X40 a text that was replaced is joined as it is",
      [update("b", { text: "planet" })],
      join("b", "a"),
      'a "helloplanet",   a1 "",   b1 "", z "end",   z1 ""',
    ],
    [
      "X40 an update of a row that was split is an edit of the one that it is about",
      [split("a", 2)],
      update("a", { text: "hello!" }),
      'a "he",   a1 "", n "llo!", b "world",   b1 "", z "end",   z1 ""',
    ],
    [
      "X40 an update of a row that was joined is an edit where it is now",
      [join("b", "a")],
      update("b", { text: "World" }),
      'a "helloWorld",   a1 "",   b1 "", z "end",   z1 ""',
      { removed: ["b"] },
    ],
  ])("%s", (_, others, mine, expected, told = {}) => {
    const [document, heard] = meet(others, mine);
    expect(rows(document)).toBe(expected);
    expect(heard).toEqual(told);
  });

  it("X43 a join into a row that was removed meanwhile: a restore finds both texts in it", () => {
    const [document, told] = meet([remove("a")], join("b", "a"));
    expect(told).toEqual({ removed: ["a"], redirected: ["b1"] });
    expect(rows(document)).toBe('b1 "", z "end",   z1 ""');
    document.by("bob", move("a", "root", { after: null }));
    expect(rows(document)).toBe('a "helloworld",   a1 "", b1 "", z "end",   z1 ""');
  });

  it("X42 a removed row that is split: each of the two comes back by itself, the new one behind the old", () => {
    const [document, told] = meet([remove("a")], split("a", 2));
    expect(told).toEqual({ removed: ["a", "n"] });
    // What its author goes on to type there is kept with it.
    expect(answer(document.by("ann", edit("n", 3, "X"), { base: 0 }))).toEqual({ removed: ["n"] });
    document.by("bob", move("a", "root", { after: null }));
    expect(rows(document)).toBe('a "he",   a1 "", b "world",   b1 "", z "end",   z1 ""');
    document.by("bob", move("n", "root", { after: "a" }));
    expect(rows(document)).toBe('a "he",   a1 "", n "lloX", b "world",   b1 "", z "end",   z1 ""');
  });
});
