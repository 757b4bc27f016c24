import {
  chainCommands,
  deleteSelection,
  joinBackward,
  joinForward,
  setBlockType,
  splitBlock,
} from "prosemirror-commands";
import { Fragment, Slice } from "prosemirror-model";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createUndo } from "../../src/client/index.ts";
import { pair, selectBlock, type Writer } from "./people.ts";
import { schema } from "./schema.ts";

/** The events of a document, without what is made up. */
function opsOf({ doc }: Writer): unknown[] {
  return doc.outbox.map(({ ops }) => ops);
}

const one = (...texts: readonly string[]) => pair(texts);

describe("what an editor does is done to the rows", () => {
  test("X85 the document is the children of the node", async () => {
    const { ann, agree } = await one("hello", "world");
    expect(ann.blocks).toEqual(["paragraph a hello", "paragraph b world"]);
    await agree();
  });

  test("X85 typing and deleting edit the text of the row, and nothing else", async () => {
    const { ann, agree } = await one("hello", "world");
    ann.select(1, 5);
    ann.type("!");
    expect(opsOf(ann)).toEqual([[{ op: "edit", id: "b", attr: "text", changes: [5, "!"] }]]);
    ann.select(0, 1, 0, 4);
    ann.run(deleteSelection);
    expect(await agree()).toEqual(["paragraph a ho", "paragraph b world!"]);
  });

  test("X86 Enter splits the row: what follows is in a new one", async () => {
    const { ann, agree } = await one("hello", "world");
    ann.select(0, 2);
    ann.run(splitBlock);
    expect(opsOf(ann)).toEqual([
      [{ op: "split", id: "a", attr: "text", at: 2, node: { id: expect.any(String), type: "paragraph", attrs: {} } }],
    ]);
    expect(await agree()).toEqual(["paragraph a he", "paragraph * llo", "paragraph b world"]);
    expect(ann.caret).toEqual([1, 0]);
  });

  test("X86 Enter at the beginning puts an empty row in front, and the row goes with its text", async () => {
    const { ann, agree } = await one("hello");
    ann.select(0, 0);
    ann.run(splitBlock);
    expect(await agree()).toEqual(["paragraph * ", "paragraph a hello"]);
    ann.type("x");
    expect(await agree()).toEqual(["paragraph * ", "paragraph a xhello"]);
  });

  test("X86 Enter at the end, in an empty row, and over a selection", async () => {
    const { ann, agree } = await one("hello", "", "world");
    ann.select(0, 5);
    ann.run(splitBlock);
    expect(await agree()).toEqual(["paragraph a hello", "paragraph * ", "paragraph b ", "paragraph c world"]);
    ann.select(2, 0);
    ann.run(splitBlock);
    expect((await agree()).slice(2)).toEqual(["paragraph b ", "paragraph * ", "paragraph c world"]);
    ann.select(0, 2, 4, 3);
    ann.run(splitBlock);
    expect(await agree()).toEqual(["paragraph a he", "paragraph * ld"]);
  });

  test("X86 Backspace at the beginning joins the row with the one above", async () => {
    const { ann, agree } = await one("hello", "world");
    ann.select(1, 0);
    ann.run(joinBackward);
    expect(opsOf(ann)).toEqual([[{ op: "join", id: "b", into: "a", attr: "text" }]]);
    expect(await agree()).toEqual(["paragraph a helloworld"]);
    expect(ann.caret).toEqual([0, 5]);
  });

  test("X86 Delete at the end joins the row below", async () => {
    const { ann, agree } = await one("hello", "world");
    ann.select(0, 5);
    ann.run(joinForward);
    expect(await agree()).toEqual(["paragraph a helloworld"]);
  });

  test("X86 an empty row beside the caret is joined, and not removed: somebody may be typing in it", async () => {
    const { ann, bob, agree, scene } = await one("above", "", "world");
    ann.select(2, 0);
    ann.run(joinBackward);
    expect(opsOf(ann)).toEqual([[{ op: "join", id: "c", into: "b", attr: "text" }]]);
    await scene.settle();
    bob.select(1, 0);
    bob.run(splitBlock);
    bob.select(1, 0);
    bob.run(joinBackward);
    expect(await agree()).toEqual(["paragraph a above", "paragraph b world"]);
  });

  test("X86 deletion over several rows is edits and joins: what others type in them meanwhile stays", async () => {
    const { ann, agree } = await one("hello", "between", "world");
    ann.select(0, 2, 2, 3);
    ann.run(deleteSelection);
    expect(opsOf(ann)).toEqual([
      [
        { op: "edit", id: "a", attr: "text", changes: [2, -3] },
        { op: "edit", id: "b", attr: "text", changes: [-7] },
        { op: "edit", id: "c", attr: "text", changes: [-3] },
        { op: "join", id: "b", into: "a", attr: "text" },
        { op: "join", id: "c", into: "a", attr: "text" },
      ],
    ]);
    expect(await agree()).toEqual(["paragraph a held"]);
  });

  test("X86 whole rows that are deleted are removed", async () => {
    const { ann, agree } = await one("hello", "between", "world");
    selectBlock(ann, 1);
    ann.run(deleteSelection);
    expect(opsOf(ann)).toEqual([[{ op: "remove", id: "b" }]]);
    expect(await agree()).toEqual(["paragraph a hello", "paragraph c world"]);
  });

  test("X87 another type and other attributes are an update of the row, which stays", async () => {
    const { ann, agree } = await one("hello", "world");
    ann.select(1, 2);
    ann.run(setBlockType(schema.nodes.heading ?? expect.fail(), { level: 2 }));
    expect(opsOf(ann)).toEqual([
      [expect.objectContaining({ op: "update", id: "b", type: "heading", attrs: { level: 2 } })],
    ]);
    expect(await agree()).toEqual(["paragraph a hello", "heading b world"]);
    ann.run(setBlockType(schema.nodes.heading ?? expect.fail(), { level: 1 }));
    await agree();
    expect(ann.doc.get("b")?.attrs).toEqual({ text: "world" });
    ann.run(setBlockType(schema.nodes.code ?? expect.fail()));
    expect(await agree()).toEqual(["paragraph a hello", "code b world"]);
  });

  test("X87 lines that are pasted into a row are a split, with rows between", async () => {
    const { ann, agree } = await one("hello", "world");
    const p = (text: string) => schema.node("paragraph", { id: "a" }, text ? schema.text(text) : []);
    ann.select(0, 2, 0, 3);
    ann.view.dispatch(
      ann.view.state.tr.replaceSelection(new Slice(Fragment.from([p("1"), p("2"), p(""), p("4")]), 1, 1)),
    );
    expect(await agree()).toEqual([
      "paragraph a he1",
      "paragraph * 2",
      "paragraph * ",
      "paragraph * 4lo",
      "paragraph b world",
    ]);
  });

  test("X87 lines that are pasted over several rows", async () => {
    const { ann, agree } = await one("hello", "between", "again", "world");
    const p = (text: string) => schema.node("paragraph", null, schema.text(text));
    ann.select(0, 2, 3, 3);
    ann.view.dispatch(ann.view.state.tr.replaceSelection(new Slice(Fragment.from([p("1"), p("2")]), 1, 1)));
    expect(await agree()).toEqual(["paragraph a he1", "paragraph d 2ld"]);
  });

  test("X87 blocks without text are rows as well, and a block that is dragged is moved", async () => {
    const { ann, agree } = await one("hello", "world");
    const rule = schema.node("rule", { kind: "wavy" });
    ann.view.dispatch(ann.view.state.tr.insert(7, rule));
    expect(await agree()).toEqual(["paragraph a hello", "rule *", "paragraph b world"]);
    const [, id = ""] = ann.doc.children();
    expect(ann.doc.get(id)).toEqual({ id, type: "rule", attrs: { kind: "wavy" } });
    ann.view.dispatch(ann.view.state.tr.setNodeAttribute(7, "kind", "thin"));
    expect(await agree()).toHaveLength(3);
    expect(ann.doc.get(id)?.attrs).toEqual({ kind: "thin" });
    // As dragging does it: away, and in again.
    const first = ann.view.state.doc.child(0);
    const { tr } = ann.view.state;
    ann.view.dispatch(tr.delete(0, 7).insert(1, first));
    expect(opsOf(ann)).toEqual([[{ op: "move", id: "a", parent: "root", after: id }]]);
    expect(await agree()).toEqual(["rule *", "paragraph a hello", "paragraph b world"]);
  });

  test("X87 a line break inside a row is a newline in its text; where there are none it is a character", async () => {
    const { ann, agree } = await one("hello");
    ann.select(0, 2);
    ann.view.dispatch(ann.view.state.tr.replaceSelectionWith(schema.node("break")));
    expect(ann.doc.get("a")?.attrs.text).toBe("he\nllo");
    await agree();
    ann.run(setBlockType(schema.nodes.code ?? expect.fail()));
    await agree();
    expect([ann.doc.get("a")?.attrs.text, ann.view.state.doc.child(0).textContent]).toEqual(["he\nllo", "he\nllo"]);
  });

  test("X88 what can't be rows is not let in", async () => {
    const { ann, agree } = await one("hello");
    const { state } = ann.view;
    const quote = schema.node("quote", null, [schema.node("paragraph")]);
    ann.view.dispatch(state.tr.insert(0, quote));
    ann.view.dispatch(state.tr.insert(1, schema.node("mention", { who: "bob" })));
    const range = state.doc.resolve(1).blockRange();
    if (range) ann.view.dispatch(state.tr.wrap(range, [{ type: schema.nodes.quote ?? expect.fail() }]));
    expect(await agree()).toEqual(["paragraph a hello"]);
  });

  test("X88 where there are no rows there is an empty block, and what is typed there is a row", async () => {
    const { ann, agree } = await one();
    expect(ann.blocks).toEqual(["paragraph null "]);
    ann.run(chainCommands(setBlockType(schema.nodes.heading ?? expect.fail())));
    ann.type("hi");
    ann.run(splitBlock);
    expect(await agree()).toEqual(["heading * hi", "paragraph * "]);
  });
});

test("X85 a caret goes along with what is put right at it by what is done here, as by undo", async () => {
  const { scene, ann, agree } = await one("hello");
  const undos = createUndo(ann.doc);
  ann.select(0, 5);
  ann.type(" you");
  await scene.settle();
  undos.undo();
  await scene.settle();
  expect(ann.caret).toEqual([0, 5]);
  undos.redo();
  await agree();
  expect(ann.caret).toEqual([0, 9]);
});

test("X111 X112 what is typed in one go is undone in one go, a split by itself, and nothing that others wrote", async () => {
  // No pause, however slow the machine.
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ["Date"] });
  const { scene, ann, bob, agree } = await one("");
  const undos = createUndo(ann.doc);
  const shown: (readonly string[])[] = [];
  const undo = async () => {
    undos.undo();
    shown.push(await agree());
  };
  ann.select(0, 0);
  for (const letter of "two words") ann.type(letter);
  await scene.settle();
  bob.select(0, 3);
  bob.type("(bob)");
  await scene.settle();
  ann.run(splitBlock);
  for (const letter of "one") ann.type(letter);
  ann.select(0, 0);
  for (const letter of ">>") ann.type(letter);
  ann.select(0, 1);
  ann.type("+");
  await scene.settle();
  for (let count = 0; count < 5; count++) await undo();
  expect(shown.map((blocks) => blocks.map((block) => block.split(" ").slice(2).join(" ")))).toEqual([
    [">>two(bob) words", "one"],
    ["two(bob) words", "one"],
    ["two(bob) words", ""],
    ["two(bob) words"],
    ["(bob)"],
  ]);
});
