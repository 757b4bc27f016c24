import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/protocol/index.ts";
import type { Json, NodeData, Operation } from "../../src/tree/index.ts";
import { dataOf } from "./look.ts";
import type { Room } from "./room.ts";
import { edit, inBothOrders, join, open, rowsOf, send, split } from "./text-rows.ts";

const row = (id: string, text: string, marks?: Json): NodeData => ({
  ...{ id, type: "row", attrs: { text, ...(marks !== undefined && { "text:marks": marks }) } },
});
const mark = (id: string, from: number, to: number, key = "b", value: Json = true): Operation => ({
  ...{ op: "mark", id, attr: "text", from, to, key, value },
});
const undo = (...mutations: number[]): Operation => ({ op: "undo", mutations });
const redo = (...mutations: number[]): Operation => ({ op: "redo", mutations });

/** Texts with what is marked in them between tags. */
function rows(room: Room): string {
  return rowsOf(room).map(show).join(" / ");
}

function show({ attrs = {} }: NodeData): string {
  const marks = Array.isArray(attrs["text:marks"]) ? attrs["text:marks"] : [];
  const tags = marks.flatMap(([from, to, key, value]) => [
    { at: Number(from), tag: `<${key}${value === true ? "" : `=${value}`}>` },
    { at: Number(to), tag: `</${key}>` },
  ]);
  const isEnd = (tag: string) => tag.startsWith("</");
  let text = String(attrs.text ?? "");
  const ordered = tags.sort((x, y) => y.at - x.at || Number(isEnd(x.tag)) - Number(isEnd(y.tag)));
  for (const { at, tag } of ordered) text = text.slice(0, at) + tag + text.slice(at);
  return text;
}

describe("marks, in both orders", () => {
  const hello = [row("a", "helloworld")];
  const bold = [row("a", "helloworld", [[2, 8, "b", true]])];
  const two = [row("a", "hello"), row("b", "world")];
  it.each<[string, NodeData[], Operation, Operation, string, string?]>([
    ["overlapping bolds are bold throughout", hello, mark("a", 0, 5), mark("a", 3, 8), "<b>hellowor</b>ld"],
    [
      "of one key with other values the later counts",
      hello,
      mark("a", 0, 5, "l", "x"),
      mark("a", 3, 8, "l", "y"),
      "<l=x>hel</l><l=y>lowor</l>ld",
      "<l=x>hello</l><l=y>wor</l>ld",
    ],
    ["typed inside of what is marked meanwhile", hello, mark("a", 0, 5), edit("a", 3, "X"), "<b>helXlo</b>world"],
    ["typed at its beginning", hello, mark("a", 2, 5), edit("a", 2, "X"), "heX<b>llo</b>world"],
    ["typed at its end", hello, mark("a", 2, 5), edit("a", 5, "X"), "he<b>llo</b>Xworld"],
    [
      "typed inside of what is taken away meanwhile",
      bold,
      mark("a", 0, 9, "b", null),
      edit("a", 5, "X"),
      "helloXworld",
    ],
    ["deleted in part", hello, mark("a", 2, 5), edit("a", 3, -4), "he<b>l</b>rld"],
    ["deleted as a whole", hello, mark("a", 2, 5), edit("a", 1, -5), "horld"],
    ["split inside", hello, mark("a", 3, 8), split("a", 5, "n"), "hel<b>lo</b> / <b>wor</b>ld"],
    ["the head split off inside", hello, mark("a", 3, 8), split("a", 5, "n", true), "hel<b>lo</b> / <b>wor</b>ld"],
    ["split before it", hello, mark("a", 3, 8), split("a", 2, "n"), "he / l<b>lowor</b>ld"],
    ["split behind it", hello, mark("a", 3, 8), split("a", 8, "n"), "hel<b>lowor</b> / ld"],
    ["marked before, and split", bold, edit("a", "X"), split("a", 5, "n"), "Xhe<b>llo</b> / <b>wor</b>ld"],
    ["joined", two, mark("b", 1, 3), join("b", "a"), "hellow<b>or</b>ld"],
    ["in the row that it is joined to", two, mark("a", 3, 5), join("b", "a"), "hel<b>lo</b>world"],
  ])("X101 X103 X104 %s", (_, start, one, other, expected, reversed = expected) => {
    inBothOrders(start, [one, other], rows, [expected, reversed]);
  });

  it("X104 what is marked on both sides of a border is one when the rows are joined", () => {
    const room = open(row("a", "hello", [[3, 5, "b", true]]), row("b", "world", [[0, 2, "b", true]]));
    const ann = room.enter("ann");
    send(room, ann, 1, 0, join("b", "a"));
    expect(rows(room)).toBe("hel<b>lowo</b>rld");
    send(room, ann, 2, 1, split("a", 5, "n"));
    expect(rows(room)).toBe("hel<b>lo</b> / <b>wo</b>rld");
  });

  it("X101 a row without marks has no such attribute", () => {
    const room = open(row("a", "hello"));
    const ann = room.enter("ann");
    send(room, ann, 1, 0, mark("a", 1, 3));
    send(room, ann, 2, 1, mark("a", 0, 5, "b", null));
    expect(dataOf(room.server)).toEqual({ id: "root", type: "list", children: [row("a", "hello")] });
  });

  it("X105 a removed row: the mark is kept with it, and told", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, { op: "remove", id: "a" });
    const heard = send(room, ann, 1, 0, mark("a", 1, 3)).flatMap((each) => (each.type === "delta" ? each.events : []));
    expect(heard.at(-1)).toMatchObject({ removed: ["a"] });
    send(room, bob, 2, 2, { op: "move", id: "a", parent: "root" });
    expect(rows(room)).toBe("h<b>el</b>lo");
  });

  it("X106 values that replace a text leave its marks where they are; what is past the end is none", () => {
    const room = open(row("a", "hello", [[1, 5, "b", true]]));
    const ann = room.enter("ann");
    send(room, ann, 1, 0, { op: "update", id: "a", attrs: { text: "hey" } });
    send(room, ann, 2, 1, edit("a", 3, "!!"));
    expect(rows(room)).toBe("h<b>ey</b>!!");
    send(room, ann, 3, 2, { op: "update", id: "a", attrs: { "text:marks": [[0, 1, "i", 1]] } });
    expect(rows(room)).toBe("<i=1>h</i>ey!!");
  });

  it("X35 what is in flight is marked where its author saw it, over a crash", () => {
    const room = open(row("a", "hello"));
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, bob, 1, 0, edit("a", "bob"));
    send(room, ann, 1, 0, edit("a", 5, " ann"));
    room.server.crash();
    send(room, room.enter("ann"), 2, 0, mark("a", 6, 9));
    expect(rows(room)).toBe("bobhello <b>ann</b>");
  });
});

describe("undo of marks", () => {
  const hello = [row("a", "helloworld")];
  it.each<[string, NodeData[], Operation, Operation, string, string, string]>([
    [
      "a mark goes",
      hello,
      mark("a", 0, 5),
      edit("a", 2, "X"),
      "<b>heXllo</b>world",
      "heXlloworld",
      "<b>heXllo</b>world",
    ],
    [
      "what others have marked since stays",
      hello,
      mark("a", 0, 5, "l", "ann"),
      mark("a", 3, 8, "l", "bob"),
      "<l=ann>hel</l><l=bob>lowor</l>ld",
      "hel<l=bob>lowor</l>ld",
      "<l=ann>hel</l><l=bob>lowor</l>ld",
    ],
    [
      "what there was is there again",
      [row("a", "helloworld", [[0, 3, "l", "old"]])],
      mark("a", 2, 6, "l", "ann"),
      edit("a", "X"),
      "X<l=old>he</l><l=ann>llow</l>orld",
      "X<l=old>hel</l>loworld",
      "X<l=old>he</l><l=ann>llow</l>orld",
    ],
    [
      "in both rows",
      hello,
      mark("a", 3, 8),
      split("a", 5, "n"),
      "hel<b>lo</b> / <b>wor</b>ld",
      "hello / world",
      "hel<b>lo</b> / <b>wor</b>ld",
    ],
    [
      "what was deleted comes back with its marks",
      [row("a", "helloworld", [[3, 8, "b", true]])],
      edit("a", 2, -4),
      edit("a", "X"),
      "Xhe<b>or</b>ld",
      "Xhel<b>lowor</b>ld",
      "Xhe<b>or</b>ld",
    ],
    [
      "a split is joined again",
      [row("a", "helloworld", [[3, 8, "b", true]])],
      split("a", 5, "n"),
      edit("n", 1, "X"),
      "hel<b>lo</b> / <b>wXor</b>ld",
      "hel<b>lowXor</b>ld",
      "hel<b>lo</b> / <b>wXor</b>ld",
    ],
    [
      "a join is taken apart",
      [row("a", "hello", [[3, 5, "b", true]]), row("b", "world", [[0, 2, "b", true]])],
      join("b", "a"),
      edit("a", 6, "X"),
      "hel<b>lowXo</b>rld",
      "hel<b>lo</b> / <b>wXo</b>rld",
      "hel<b>lowXo</b>rld",
    ],
  ])("X108 %s", (_, start, mine, others, both, undone, redone) => {
    const room = open(...start);
    const before = dataOf(room.server, {});
    const [ann, bob] = [room.enter("ann"), room.enter("bob")];
    send(room, ann, 1, 0, mine);
    send(room, bob, 1, 1, others);
    expect(rows(room)).toBe(both);
    const after = dataOf(room.server, {});
    send(room, ann, 2, 2, undo(1));
    expect(rows(room)).toBe(undone);
    send(room, ann, 3, 3, redo(1));
    expect(rows(room)).toBe(redone);
    send(room, ann, 4, 4, undo(1));
    expect(rows(room)).toBe(undone);
    room.server.crash();
    send(room, room.enter("ann"), 5, 5, redo(1));
    expect(rows(room)).toBe(redone);
    expect(dataOf(room.server, { at: { seq: 0 } })).toEqual(before);
    expect(dataOf(room.server, { at: { seq: 2 } })).toEqual(after);
  });

  it("X108 one after the other, what was undone is in nobody's way", () => {
    const room = open(row("a", "hello"));
    const ann = room.enter("ann");
    send(room, ann, 1, 0, mark("a", 0, 5, "l", 1));
    send(room, ann, 2, 1, mark("a", 0, 5, "l", 2));
    send(room, ann, 3, 2, undo(2));
    expect(rows(room)).toBe("<l=1>hello</l>");
    send(room, ann, 4, 3, undo(1));
    expect(rows(room)).toBe("hello");
    send(room, ann, 5, 4, redo(1));
    expect(rows(room)).toBe("<l=1>hello</l>");
    send(room, ann, 6, 5, redo(2));
    expect(rows(room)).toBe("<l=2>hello</l>");
    send(room, ann, 7, 6, undo(1, 2));
    expect(rows(room)).toBe("hello");
  });
});

describe("marks that are refused", () => {
  const many = Array.from({ length: LIMITS.marksPerText - 1 }, (_, at): Json => [2 * at, 2 * at + 1, "b", true]);
  const long = "x".repeat(2 * LIMITS.marksPerText + 4);
  it.each<[string, Operation, string]>([
    ["nothing", mark("a", 2, 2), "invalid"],
    ["from the end to the beginning", mark("a", 3, 2), "invalid"],
    ["past the end", mark("a", 3, 6), "invalid"],
    ["inside of a surrogate pair", mark("p", 1, 2), "invalid"],
    ["what is no text", { op: "mark", id: "a", attr: "done", from: 0, to: 1, key: "b", value: true }, "invalid"],
    ["where something else is in the way", mark("o", 0, 1), "invalid"],
    ["no such node", mark("q", 0, 1), "notFound"],
    [
      "a row with marks of its own",
      { op: "split", id: "a", attr: "text", at: 1, node: { id: "n", type: "row", attrs: { "text:marks": [] } } },
      "invalid",
    ],
  ])("X107 %s", (_, operation, code) => {
    const room = open(
      { ...row("a", "hello"), attrs: { text: "hello", done: true } },
      row("p", "\ud83d\ude00"),
      row("o", "other", "marks"),
    );
    const ann = room.enter("ann");
    const before = rows(room);
    expect(send(room, ann, 1, 0, operation)).toMatchObject([{ type: "reject", code }]);
    expect(rows(room)).toBe(before);
  });

  it("X44 the marks that are read for one mutation count as text", () => {
    const value = "x".repeat(250);
    const large = Array.from({ length: LIMITS.marksPerText }, (_, at): Json => [2 * at, 2 * at + 1, "l", value]);
    const room = open(row("a", long, large));
    const ann = room.enter("ann");
    const edits = (count: number) => Array.from({ length: count }, () => edit("a", 1, "x", -1));
    expect(send(room, ann, 1, 0, ...edits(55))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 2, 1, ...edits(70))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
    const marks = (count: number) => Array.from({ length: count }, (_, at) => mark("a", 1, 2, "b", at));
    expect(send(room, ann, 3, 1, ...marks(70))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
  });

  it.each<[string, Json]>([
    ["no list", { bold: [0, 5] }],
    ["no marks", ["bold", [0], null]],
    ["places that are none", [[-1, 1e300, "b", true]]],
    [
      "not in order",
      [
        [3, 5, "b", true],
        [0, 2, "b", true],
      ],
    ],
    [
      "overlapping",
      [
        [0, 3, "b", true],
        [1, 5, "b", 2],
      ],
    ],
    ["100 000 long", Array.from({ length: 100_000 }, () => 0)],
  ])("X128 something else in the place of marks stays what it is, and is in nobody's way: %s", (_, other) => {
    const room = open(row("a", "hello", other), row("b", "", [[0, 1, "b", true]]), row("c", "!", [[0, 1, "i", 1]]));
    const ann = room.enter("ann");
    const update: Operation = { op: "update", id: "b", attrs: { text: "world", "text:marks": other } };
    expect(send(room, ann, 1, 0, update)).toMatchObject([{ type: "delta" }]);
    const inserted: Operation = { op: "insert", node: row("d", "more", other), parent: "root" };
    expect(send(room, ann, 2, 1, inserted)).toMatchObject([{ type: "delta" }]);
    // 40 edits that read a megabyte each would be too much for one mutation.
    const edits = Array.from({ length: 40 }, () => edit("a", "-"));
    expect(send(room, ann, 3, 2, ...edits, split("a", 42, "n"), join("b", "a"))).toMatchObject([{ type: "delta" }]);
    expect(send(room, ann, 4, 3, mark("a", 0, 2))).toMatchObject([{ type: "reject", code: "invalid" }]);
    // Neither is it overwritten by marks that would come to it.
    expect(send(room, ann, 5, 3, join("c", "a"))).toMatchObject([{ type: "reject", code: "invalid" }]);
    const [a, , , d] = rowsOf(room);
    expect(a?.attrs).toEqual({ text: `${"-".repeat(40)}heworld`, "text:marks": other });
    expect(d?.attrs).toEqual({ text: "more", "text:marks": other });
    expect(send(room, ann, 6, 3, undo(3))).not.toContainEqual(expect.objectContaining({ type: "reject" }));
    expect(rowsOf(room).map(({ attrs }) => attrs)).toEqual([
      { text: "hello", "text:marks": other },
      { text: "world", "text:marks": other },
      { text: "!", "text:marks": [[0, 1, "i", 1]] },
      { text: "more", "text:marks": other },
    ]);
  });

  it("X128 marks that go far past the end of the text are none there, and an edit leaves only what is there", () => {
    const far = Number.MAX_SAFE_INTEGER;
    const room = open(
      row("a", "hello", [
        [1, far, "b", true],
        [far - 1, far, "i", true],
      ]),
    );
    const ann = room.enter("ann");
    expect(send(room, ann, 1, 0, edit("a", 2, "X"))).toMatchObject([{ type: "delta" }]);
    expect(rowsOf(room)[0]?.attrs).toEqual({ text: "heXllo", "text:marks": [[1, 6, "b", true]] });
    expect(send(room, ann, 2, 1, undo(1))).toMatchObject([{ type: "delta" }]);
    expect(rowsOf(room)[0]?.attrs?.text).toBe("hello");
  });

  it("X107 W5 as many marks as there may be, and one more", () => {
    const room = open(row("a", long, many), row("b", "hello", [[0, 5, "i", true]]));
    const ann = room.enter("ann");
    const last = 2 * LIMITS.marksPerText;
    send(room, ann, 1, 0, mark("a", last, last + 1));
    const full = rows(room);
    expect(send(room, ann, 2, 1, mark("a", last + 2, last + 3))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
    expect(send(room, ann, 3, 1, join("b", "a"))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
    expect(rows(room)).toBe(full);
    send(room, ann, 4, 1, mark("a", 0, last + 4, "b", null));
    expect(rows(room)).toBe(`${long} / <i>hello</i>`);
  });
});

it("X44 the marks of one mutation write 1 Mi characters, each all marks of its text, and no more; within that they can be taken back", () => {
  const many = Array.from({ length: 1_990 }, (_, index): Json => [10 + 2 * index, 11 + 2 * index, "b", true]);
  const length = JSON.stringify(many).length;
  const most = Math.floor(LIMITS.marksWritten / (length + 60));
  const start = row("a", "x".repeat(5_000), many);
  const room = open(start);
  const ann = room.enter("ann");
  const marks = (count: number) => Array.from({ length: count }, (_, index) => mark("a", 0, 5, "c", index));
  expect(send(room, ann, 1, 0, ...marks(most + 3))).toMatchObject([{ type: "reject", code: "tooLarge" }]);
  expect(send(room, ann, 2, 0, ...marks(most))).toMatchObject([{ type: "delta" }]);
  room.call({ op: "undo", mutations: [2], client: "ann" });
  expect(rowsOf(room)).toMatchObject([{ attrs: start.attrs }]);
});
