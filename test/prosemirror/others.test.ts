import { deleteSelection, joinBackward, splitBlock, splitBlockKeepMarks, toggleMark } from "prosemirror-commands";
import { history, undo } from "prosemirror-history";
import { EditorState, TextSelection } from "prosemirror-state";
import { describe, expect, test } from "vitest";
import { pair, people, rowsOf, selectBlock, truth, type Writer } from "./people.ts";
import { schema } from "./schema.ts";

const strong = schema.marks.strong ?? expect.fail();

/** What somebody does at a place of a row. */
const at = (row: number, place: number, does: (writer: Writer) => void) => (writer: Writer) => {
  writer.select(row, place);
  does(writer);
};
const type = (text: string) => (writer: Writer) => writer.type(text);
const enter = (writer: Writer) => void writer.run(splitBlock);
const backspace = (writer: Writer) => void writer.run(joinBackward);

describe("X86 two at once, whoever is first", () => {
  test.each<[string, string[], (writer: Writer) => void, (writer: Writer) => void, string[]]>([
    ["a split and what is typed behind it", ["helloworld"], at(0, 5, enter), at(0, 8, type("X")), ["hello", "worXld"]],
    ["a split and what is typed before it", ["helloworld"], at(0, 5, enter), at(0, 2, type("X")), ["heXllo", "world"]],
    ["what is typed where it is split", ["helloworld"], at(0, 5, enter), at(0, 5, type("X")), ["helloX", "world"]],
    ["two splits", ["helloworld"], at(0, 5, enter), at(0, 7, enter), ["hello", "wo", "rld"]],
    ["two splits at one place", ["helloworld"], at(0, 5, enter), at(0, 5, enter), ["hello", "", "world"]],
    [
      "a join and what is typed in the second",
      ["hello", "world"],
      at(1, 0, backspace),
      at(1, 3, type("X")),
      ["helloworXld"],
    ],
    ["two joins", ["hello", "world"], at(1, 0, backspace), at(1, 0, backspace), ["helloworld"]],
    ["a join and a split of the second", ["hello", "world"], at(1, 0, backspace), at(1, 2, enter), ["hellowo", "rld"]],
    ["a split of the first and a join", ["hello", "world"], at(0, 2, enter), at(1, 0, backspace), ["he", "lloworld"]],
  ])("%s", async (_, texts, one, other, expected) => {
    for (const isTurned of [false, true]) {
      const { ann, bob, agree } = await pair(texts);
      one(isTurned ? bob : ann);
      other(isTurned ? ann : bob);
      expect((await agree()).map((block) => block.split(" ").slice(2).join(" "))).toEqual(expected);
    }
  });

  test("a deletion over several rows, and what is typed in the middle of it", async () => {
    const { ann, bob, agree } = await pair(["hello", "between", "world"]);
    ann.select(0, 2, 2, 3);
    ann.run(deleteSelection);
    bob.select(1, 3);
    bob.type("X");
    expect(await agree()).toEqual(["paragraph a heXld"]);
  });
});

describe("what others do", () => {
  test("X85 moves the caret along with its text: into another row, and back", async () => {
    const { ann, bob, agree } = await pair(["helloworld", "end"]);
    ann.select(0, 8);
    bob.select(0, 5);
    bob.run(splitBlock);
    await agree();
    expect(ann.caret).toEqual([1, 3]);
    bob.type("so ");
    await agree();
    expect(ann.caret).toEqual([1, 6]);
    bob.select(1, 0);
    bob.run(joinBackward);
    await agree();
    expect(ann.caret).toEqual([0, 11]);
  });

  test("X85 leaves the caret left of what is typed right there", async () => {
    const { ann, bob, agree } = await pair(["hello"]);
    ann.select(0, 5);
    bob.select(0, 5);
    bob.type(" world");
    await agree();
    expect(ann.caret).toEqual([0, 5]);
    ann.select(0, 2, 0, 4);
    bob.select(0, 2);
    bob.type("XX");
    await agree();
    const { from, to } = ann.view.state.selection;
    expect(ann.view.state.doc.textBetween(from, to)).toBe("XXll");
  });

  test("X85 comes as steps that positions map through, one for each thing done", async () => {
    const { ann, bob, agree } = await pair(["helloworld", "end"]);
    const before = ann.view.dispatched.length;
    bob.select(0, 5);
    bob.run(splitBlock);
    await agree();
    const [shown] = ann.view.dispatched.slice(before);
    // The d of world.
    expect([shown?.mapping.map(10, -1), shown?.mapping.map(11)]).toEqual([12, 13]);
    expect(shown?.getMeta("addToHistory")).toBe(false);
  });

  test("X85 keeps the marks that the next character is to have, and the marks of what is there", async () => {
    const { ann, bob, agree } = await pair(["hello", "world"]);
    ann.select(0, 0, 0, 5);
    ann.run(toggleMark(strong));
    ann.select(1, 5);
    ann.run(toggleMark(strong));
    bob.select(0, 2);
    bob.type("XX");
    await agree();
    ann.type("!");
    const { doc } = ann.view.state;
    expect(doc.child(0).toString()).toBe('paragraph(strong("heXXllo"))');
    expect(doc.child(1).toString()).toBe('paragraph("world", strong("!"))');
    await agree();
    expect(bob.view.state.doc.eq(doc)).toBe(true);
  });

  test("X85 Enter keeps the marks that the next character is to have", async () => {
    const { ann, agree } = await pair(["hello"]);
    ann.select(0, 5);
    ann.run(toggleMark(strong));
    ann.run(splitBlockKeepMarks);
    ann.type("!");
    expect(ann.view.state.doc.child(1).toString()).toBe('paragraph(strong("!"))');
    await agree();
  });

  test("X85 is left alone by the undo of the editor", async () => {
    const { ann, bob, agree } = await pair(["hello", "world"], { plugins: () => [history()] });
    ann.select(0, 5);
    ann.type("!");
    bob.select(0, 0);
    bob.type("oh ");
    bob.select(1, 2);
    bob.run(splitBlock);
    await agree();
    ann.run(undo);
    expect(await agree()).toEqual(["paragraph a oh hello", "paragraph b wo", "paragraph * rld"]);
  });

  test("X85 an undo of a join is a split into a row of its own", async () => {
    const { ann, agree } = await pair(["hello", "world"], { plugins: () => [history()] });
    ann.select(1, 0);
    ann.run(joinBackward);
    await agree();
    ann.run(undo);
    expect(await agree()).toEqual(["paragraph a hello", "paragraph * world"]);
  });

  test("X87 rows that are inserted, moved, removed, restored and changed elsewhere", async () => {
    const { ann, bob, scene, agree } = await pair(["one", "two", "three", "four"]);
    ann.select(1, 2);
    bob.doc.mutate((tx) => {
      tx.move("a", { parent: "root", after: "d" });
      tx.insert({ id: "h", type: "heading", attrs: { text: "new\nline", level: 2 } }, { parent: "root", after: null });
      tx.update("d", { attrs: { level: 3 }, type: "heading" });
      tx.remove("c");
    });
    expect(await agree()).toEqual(["heading h new⏎line", "paragraph b two", "heading d four", "paragraph a one"]);
    expect(ann.caret).toEqual([1, 2]);
    expect(ann.view.state.doc.child(2).attrs.level).toBe(3);
    bob.doc.mutate((tx) => tx.move("c", { parent: "root", after: null }));
    await agree();
    bob.doc.mutate((tx) => {
      for (const id of tx.children()) tx.remove(id);
    });
    expect(await agree().catch(String)).toContain("null");
    await scene.settle();
    expect(ann.blocks).toEqual(["paragraph null "]);
  });

  test("X88 rows that the schema does not know, or refuses, are plain, and stay what they are", async () => {
    const { ann, bob, scene } = await pair(["hello"]);
    bob.doc.mutate((tx) => {
      tx.insert({ id: "x", type: "chart", attrs: { text: "numbers", data: [1, 2] } }, { parent: "root" });
      tx.insert({ id: "y", type: "heading", attrs: { text: "evil", level: "<script>" } }, { parent: "root" });
      tx.insert({ id: "z", type: "doc", attrs: { text: 7 } }, { parent: "root" });
    });
    await scene.settle();
    expect(ann.blocks).toEqual(["paragraph a hello", "paragraph x numbers", "paragraph y evil", "paragraph z "]);
    ann.select(1, 0);
    ann.type("12 ");
    await scene.settle();
    expect(bob.doc.get("x")).toEqual({ id: "x", type: "chart", attrs: { text: "12 numbers", data: [1, 2] } });
  });

  test("X88 what is refused is taken back, in whole", async () => {
    const { ann, scene } = await pair(["hello", "world"]);
    ann.doc.mutate((tx) => tx.update("a", { attrs: { text: 5 } }));
    await scene.settle();
    expect(ann.blocks).toEqual(["paragraph a ", "paragraph b world"]);
    ann.select(0, 0);
    ann.type("x");
    expect(ann.blocks).toEqual(["paragraph a ", "paragraph b world"]);
    expect(ann.rejected).toEqual(["invalid"]);
    await ann.doc.close();
    selectBlock(ann, 1);
    ann.run(deleteSelection);
    expect(ann.blocks).toEqual(["paragraph a ", "paragraph b world"]);
  });

  test("X85 an editor with another state shows the rows again", async () => {
    const { ann, agree } = await pair(["hello", "world"]);
    ann.view.updateState(EditorState.create({ schema, plugins: ann.view.state.plugins }));
    await agree();
    ann.view.dispatch(ann.view.state.tr.setSelection(TextSelection.create(ann.view.state.doc, 1)));
    ann.type("x");
    expect(await agree()).toEqual(["paragraph a xhello", "paragraph b world"]);
  });
});

describe("one text", () => {
  test("X89 is edited, and neither split nor joined", async () => {
    const { scene, writers } = await people(2, rowsOf("hello", "world"), { single: "b" });
    const [ann, bob] = writers;
    if (!ann || !bob) throw new Error("nobody");
    ann.select(0, 5);
    ann.type("!");
    ann.run(splitBlock);
    await scene.settle();
    expect(bob.blocks).toEqual(["paragraph b world!"]);
    ann.doc.mutate((tx) => tx.remove("b"));
    ann.type("nowhere");
    await scene.settle();
    expect([ann.blocks, bob.blocks, truth(scene)]).toEqual([
      ["paragraph null "],
      ["paragraph null "],
      ["paragraph a hello"],
    ]);
    expect(ann.rejected).toEqual([]);
  });
});
