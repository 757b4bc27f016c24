import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { NodeData } from "../../src/tree/index.ts";
import { createEditorWorld, type EditorWorld } from "./editor-pages.ts";
import { buildPage } from "./page-server.ts";
import type {} from "./pages/tiptap/main.ts";

// Tiptap in real Chromium, on rows.

let world: EditorWorld;

beforeAll(async () => {
  world = await createEditorWorld(await buildPage("tiptap"), ".ProseMirror > *");
});
afterEach(async () => {
  await world.closePages();
  expect(world.failures).toEqual([]);
});
afterAll(() => world?.close());

async function open(...rows: string[]) {
  const children = rows.map((text, index): NodeData => ({ id: `r${index}`, type: "paragraph", attrs: { text } }));
  const document = await world.create({ id: "root", type: "list", children });
  const [ann, bob] = await world.open(document, "Ann", "Bob");
  if (!ann || !bob) throw new Error("a page is missing");
  const agree = async (...expected: string[]) => {
    for (const page of [ann, bob]) await expect.poll(() => page.lines()).toEqual(expected);
  };
  return { document, ann, bob, agree };
}

test("X85 two type in one row, split and join, and its commands change rows", async () => {
  const { document, ann, bob, agree } = await open("helloworld", "below");
  await ann.goTo(0, 5);
  await bob.goTo(0, 8);
  await Promise.all([ann.page.keyboard.press("Enter"), bob.type("XYZ", 20)]);
  await agree("hello", "worXYZld", "below");
  await bob.page.evaluate(() => window.tiptap.editor.commands.setNode("heading", { level: 2 }));
  await expect.poll(() => ann.page.locator("h2").allTextContents()).toEqual(["worXYZld"]);
  await ann.page.keyboard.press("Backspace");
  await agree("helloworXYZld", "below");
  await bob.page.evaluate(() => window.tiptap.editor.commands.setContent("<p>all</p><p>new</p>"));
  await agree("all", "new");
  expect((await world.tree(document)).children?.map(({ type, attrs }) => [type, attrs?.text])).toEqual([
    ["paragraph", "all"],
    ["paragraph", "new"],
  ]);
});

test("X85 a caret that a key has just moved stays there when something else is shown before the editor hears of it", async () => {
  const { ann } = await open("helloworld", "below");
  await ann.goTo(0, 3);
  const at = await ann.page.evaluate(() => {
    const { doc, editor } = window.tiptap;
    getSelection()?.modify("move", "forward", "character");
    doc.mutate((tx) => tx.edit("r1", "text", ["not "]));
    return [editor.state.selection.$head.parentOffset, getSelection()?.focusOffset];
  });
  expect(at).toEqual([4, 4]);
  expect(await ann.caret()).toEqual([0, 4]);
});
