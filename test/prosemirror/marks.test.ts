import {
  deleteSelection,
  joinBackward,
  setBlockType,
  splitBlock,
  splitBlockKeepMarks,
  toggleMark,
} from "prosemirror-commands";
import { history, undo } from "prosemirror-history";
import { Fragment, Slice } from "prosemirror-model";
import { describe, expect, test } from "vitest";
import { createUndo } from "../../src/client/index.ts";
import type { Json } from "../../src/tree/index.ts";
import { pair, people, placeIn, rowsOf, type Writer } from "./people.ts";
import { schema } from "./schema.ts";

const strong = schema.marks.strong ?? expect.fail();
const link = schema.marks.link ?? expect.fail();
const literal = schema.marks.literal ?? expect.fail();
/** Away only where all is strong. */
const toggleStrong = toggleMark(strong, null, { removeWhenPresent: false });

async function two(texts: readonly string[], options: Parameters<typeof people>[2] = {}) {
  const { scene, ann, bob } = await pair(texts, options);
  /** What both show, a row each. */
  const agree = async () => {
    await scene.settle();
    expect([ann.rejected, bob.rejected]).toEqual([[], []]);
    expect(lookOf(bob)).toEqual(lookOf(ann));
    expect([ann.doc.toData(), bob.doc.toData()]).toEqual([scene.truth(), scene.truth()]);
    ann.view.state.doc.check();
    return lookOf(ann);
  };
  return { scene, ann, bob, agree };
}

function lookOf({ view }: Writer): string[] {
  const blocks: string[] = [];
  view.state.doc.forEach((block) => void blocks.push(block.content.toString().slice(1, -1)));
  return blocks;
}

const marksOf = ({ doc }: Writer, id: string): Json | undefined => doc.get(id)?.attrs["text:marks"];
const opsOf = ({ doc }: Writer): unknown[] => doc.outbox.map(({ ops }) => ops);
const namesOf = ({ doc }: Writer): string[] => doc.outbox.flatMap(({ ops }) => ops.map(({ op }) => op));

function bold(writer: Writer, from: number, to: number, row = 0): void {
  writer.select(row, from, row, to);
  writer.run(toggleStrong);
}

describe("X85 what is marked", () => {
  test("is a mark of the text, with true or its attributes, and nothing else is sent", async () => {
    const { ann, agree } = await two(["hello world"]);
    bold(ann, 0, 5);
    expect(opsOf(ann)).toEqual([[{ op: "mark", id: "a", attr: "text", from: 0, to: 5, key: "strong", value: true }]]);
    ann.select(0, 6, 0, 11);
    ann.run(toggleMark(link, { href: "x" }));
    expect(await agree()).toEqual(['strong("hello"), " ", link("world")']);
    expect(marksOf(ann, "a")).toEqual([
      [0, 5, "strong", true],
      [6, 11, "link", { href: "x", title: null }],
    ]);
    // Away again; another link in its place.
    bold(ann, 0, 5);
    ann.select(0, 6, 0, 11);
    const { tr } = ann.view.state;
    ann.view.dispatch(tr.addMark(7, 12, link.create({ href: "y", title: "why" })));
    expect(await agree()).toEqual(['"hello ", link("world")']);
    expect(marksOf(ann, "a")).toEqual([[6, 11, "link", { href: "y", title: "why" }]]);
  });

  test("bold over bold is bold throughout, and of what is there already nothing is sent", async () => {
    const { ann, bob, agree } = await two(["hello world"]);
    bold(ann, 0, 6);
    bold(bob, 4, 11);
    expect(await agree()).toEqual(['strong("hello world")']);
    bold(bob, 2, 8);
    await agree();
    bold(ann, 0, 11);
    expect(opsOf(ann)).toEqual([[{ op: "mark", id: "a", attr: "text", from: 2, to: 8, key: "strong", value: true }]]);
    expect(await agree()).toEqual(['strong("hello world")']);
  });

  test("over several rows at once, and over a line break", async () => {
    const { ann, agree, bob } = await two(["one\ntwo", "three", "four"]);
    ann.select(0, 2, 2, 2);
    ann.run(toggleMark(strong));
    expect(ann.doc.outbox).toHaveLength(1);
    expect(await agree()).toEqual([
      '"on", strong("e"), strong(break), strong("two")',
      'strong("three")',
      'strong("fo"), "ur"',
    ]);
    bob.select(0, 0, 2, 4);
    bob.run(toggleStrong);
    bob.run(toggleStrong);
    expect(await agree()).toEqual(['"one", break, "two"', '"three"', '"four"']);
    expect(marksOf(ann, "a")).toBe(undefined);
  });

  test("with what excludes the rest the rest is taken away, and shown where both are there", async () => {
    const { ann, bob, agree } = await two(["hello"]);
    bold(ann, 0, 5);
    await agree();
    bob.select(0, 0, 0, 3);
    bob.run(toggleMark(literal));
    expect(await agree()).toEqual(['literal("hel"), strong("lo")']);
    bob.doc.mutate((tx) => tx.mark("a", "text", 0, 5, "strong", true));
    expect(await agree()).toEqual(['literal("hel"), strong("lo")']);
  });

  test("has the keys that the editor says", async () => {
    const { ann, bob, agree } = await two(["hello"], { marks: { strong: "bold" } });
    bold(ann, 0, 2);
    bob.doc.mutate((tx) => tx.mark("a", "text", 3, 5, "bold", true));
    expect(await agree()).toEqual(['strong("he"), "l", strong("lo")']);
    expect(marksOf(ann, "a")).toEqual([
      [0, 2, "bold", true],
      [3, 5, "bold", true],
    ]);
  });
});

describe("X85 what is typed", () => {
  test("inside a mark has it by itself, at its edge as the editor has it, and outside not", async () => {
    const { ann, bob, agree } = await two(["hello world"]);
    bold(ann, 0, 5);
    await agree();
    bob.select(0, 2);
    bob.type("XX");
    expect(opsOf(bob)).toEqual([[{ op: "edit", id: "a", attr: "text", changes: [2, "XX"] }]]);
    expect(await agree()).toEqual(['strong("heXXllo"), " world"']);
    bob.select(0, 7);
    bob.type("!");
    expect(opsOf(bob)).toEqual([
      [
        { op: "edit", id: "a", attr: "text", changes: [7, "!"] },
        { op: "mark", id: "a", attr: "text", from: 7, to: 8, key: "strong", value: true },
      ],
    ]);
    expect(await agree()).toEqual(['strong("heXXllo!"), " world"']);
    // Not inclusive.
    ann.select(0, 10, 0, 14);
    ann.run(toggleMark(link, { href: "x" }));
    ann.select(0, 14);
    ann.type("s");
    expect(await agree()).toEqual(['strong("heXXllo!"), " w", link("orld"), "s"']);
  });

  test("has the marks that the next character is to have, and has not what is put out for it", async () => {
    const { ann, agree } = await two(["hello"]);
    ann.select(0, 5);
    ann.run(toggleMark(strong));
    for (const letter of " you") ann.type(letter);
    expect(await agree()).toEqual(['"hello", strong(" you")']);
    ann.select(0, 7);
    ann.run(toggleMark(strong));
    ann.type("-");
    expect(await agree()).toEqual(['"hello", strong(" y"), "-", strong("ou")']);
    expect(marksOf(ann, "a")).toEqual([
      [5, 7, "strong", true],
      [8, 10, "strong", true],
    ]);
  });

  test("over what was marked has it still", async () => {
    const { ann, agree } = await two(["hello world"]);
    bold(ann, 0, 5);
    ann.select(0, 0, 0, 5);
    ann.type("J");
    expect(await agree()).toEqual(['strong("J"), " world"']);
    ann.select(0, 0, 0, 3);
    ann.run(deleteSelection);
    expect(await agree()).toEqual(['"orld"']);
  });

  test("leaves what the schema does not know, or refuses, as it is", async () => {
    const { ann, bob, agree } = await two(["hello world"]);
    bob.doc.mutate((tx) => {
      tx.mark("a", "text", 0, 5, "comment", { thread: 7 });
      tx.mark("a", "text", 2, 8, "link", { href: 5 });
      tx.mark("a", "text", 6, 11, "link", "not an object");
    });
    expect(await agree()).toEqual(['"hello world"']);
    ann.select(0, 3);
    ann.type("XX");
    ann.select(0, 4);
    ann.run(splitBlock);
    ann.run(joinBackward);
    bold(ann, 0, 3);
    expect(await agree()).toEqual(['strong("hel"), "XXlo world"']);
    expect(marksOf(ann, "a")).toEqual([
      [0, 7, "comment", { thread: 7 }],
      [0, 3, "strong", true],
      [2, 8, "link", { href: 5 }],
      [8, 13, "link", "not an object"],
    ]);
  });
});

describe("X85 marks go with their text", () => {
  test("into another row, and back, whoever splits", async () => {
    const { ann, bob, agree } = await two(["helloworld"]);
    bold(ann, 2, 8);
    await agree();
    bob.select(0, 5);
    bob.run(splitBlockKeepMarks);
    expect(namesOf(bob)).toEqual(["split"]);
    expect(await agree()).toEqual(['"he", strong("llo")', 'strong("wor"), "ld"']);
    bob.type("X");
    expect(await agree()).toEqual(['"he", strong("llo")', 'strong("Xwor"), "ld"']);
    ann.select(1, 0);
    ann.run(joinBackward);
    expect(namesOf(ann)).toEqual(["join"]);
    expect(await agree()).toEqual(['"he", strong("lloXwor"), "ld"']);
    ann.select(0, 0);
    ann.run(splitBlock);
    expect(namesOf(ann)).toEqual(["split"]);
    expect(await agree()).toEqual(["", '"he", strong("lloXwor"), "ld"']);
  });

  test.each([false, true])("where one marks and the other splits and types (%s)", async (isTurned) => {
    const { ann, bob, agree } = await two(["helloworld"]);
    const mark = () => bold(ann, 2, 8);
    if (!isTurned) mark();
    bob.select(0, 5);
    bob.run(splitBlock);
    bob.select(0, 3);
    bob.type("XX");
    if (isTurned) mark();
    expect(await agree()).toEqual(['"he", strong("lXXlo")', 'strong("wor"), "ld"']);
  });

  test("where lines are pasted, blocks are dragged, and a deletion is over several rows", async () => {
    const { ann, agree } = await two(["hello", "world", "end"]);
    bold(ann, 0, 5, 1);
    await agree();
    const p = (text: string, isBold: boolean) =>
      schema.node("paragraph", null, schema.text(text, isBold ? [strong.create()] : []));
    ann.select(0, 2);
    ann.view.dispatch(
      ann.view.state.tr.replaceSelection(new Slice(Fragment.from([p("1", true), p("2", true), p("3", false)]), 1, 1)),
    );
    expect(namesOf(ann)).toEqual(["edit", "split", "insert", "mark"]);
    expect(await agree()).toEqual(['"he", strong("1")', 'strong("2")', '"3llo"', 'strong("world")', '"end"']);
    const { doc, tr } = ann.view.state;
    const start = placeIn(doc, 3, -1);
    ann.view.dispatch(tr.delete(start, start + 7).insert(0, doc.child(3)));
    expect(namesOf(ann)).toEqual(["move"]);
    expect((await agree())[0]).toBe('strong("world")');
    ann.select(0, 2, 4, 1);
    ann.run(deleteSelection);
    expect(await agree()).toEqual(['strong("wo"), "nd"']);
  });

  test("and are taken off where a block takes none", async () => {
    const { ann, bob, agree } = await two(["hello"]);
    bold(ann, 0, 3);
    await agree();
    // Of others: it is there still, and seen again.
    bob.doc.mutate((tx) => tx.update("a", { type: "code" }));
    expect(await agree()).toEqual(['"hello"']);
    bob.doc.mutate((tx) => tx.update("a", { type: "paragraph" }));
    expect(await agree()).toEqual(['strong("hel"), "lo"']);
    ann.run(setBlockType(schema.nodes.code ?? expect.fail()));
    await agree();
    expect(marksOf(ann, "a")).toBe(undefined);
  });
});

describe("X85 what others mark", () => {
  test("is shown, moves nothing, and is not in the history of the editor", async () => {
    const { ann, bob, agree } = await two(["hello", "world"], { plugins: () => [history()] });
    ann.select(0, 3);
    ann.run(toggleMark(strong));
    const before = ann.view.dispatched.length;
    bold(bob, 1, 4);
    await agree();
    const shown = ann.view.dispatched.slice(before);
    expect(shown).toHaveLength(1);
    expect([shown[0]?.mapping.map(4), shown[0]?.getMeta("addToHistory"), ann.caret]).toEqual([4, false, [0, 3]]);
    expect(ann.doc.outbox).toEqual([]);
    bob.doc.mutate((tx) => {
      tx.edit("a", "text", [2, "X"]);
      tx.edit("a", "text", [5, "Y"]);
    });
    await agree();
    expect(ann.view.dispatched.at(-1)?.steps).toHaveLength(2);
    // The next character is to be strong as before, and is so.
    expect(ann.view.state.storedMarks).toEqual([strong.create()]);
    ann.run(undo);
    expect(await agree()).toEqual(['"h", strong("eXll"), "Yo"', '"world"']);
  });

  test("is left by the undo of the editor, and by that of the document, which take back one's own", async () => {
    const { ann, bob, agree } = await two(["hello world"], { plugins: () => [history()] });
    const own = createUndo(bob.doc);
    bold(ann, 0, 8);
    await agree();
    bold(bob, 3, 11);
    bob.select(0, 6, 0, 11);
    bob.run(toggleMark(link, { href: "x" }));
    await agree();
    ann.run(undo);
    expect(await agree()).toEqual(['"hello ", link("wo"), strong(link("rld"))']);
    own.undo();
    expect(await agree()).toEqual(['"hello wo", strong("rld")']);
    own.undo();
    expect(await agree()).toEqual(['"hello world"']);
  });

  test("while something is typed that is not sent yet, and what is refused is taken back", async () => {
    const { ann, bob, scene, agree } = await two(["hello"]);
    bold(ann, 0, 2);
    bob.select(0, 1);
    bob.type("X");
    bold(bob, 2, 6);
    ann.select(0, 5);
    ann.type("!");
    expect(await agree()).toEqual(['strong("hXello"), "!"']);
    await ann.doc.close();
    bold(ann, 0, 7);
    await scene.settle();
    expect(lookOf(ann)).toEqual(['strong("hXello"), "!"']);
  });

  test("no surrogate pair is marked by half", async () => {
    const { ann, agree } = await two(["a😀b"]);
    bold(ann, 0, 2);
    expect(await agree()).toEqual(['strong("a😀"), "b"']);
  });
});

describe("one text", () => {
  test("X89 has marks as well", async () => {
    const { scene, writers } = await people(2, rowsOf("hello", "world"), { single: "b" });
    const [ann, bob] = writers;
    if (!ann || !bob) throw new Error("nobody");
    bold(ann, 0, 2);
    await scene.settle();
    expect(lookOf(bob)).toEqual(['strong("wo"), "rld"']);
  });
});
