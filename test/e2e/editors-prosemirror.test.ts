import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { PAUSE } from "../../src/editors/groups.ts";
import type { NodeData } from "../../src/tree/index.ts";
import { createEditorWorld, type EditorPage, type EditorWorld, watchCompositions } from "./editor-pages.ts";
import { buildExample } from "./page-server.ts";

// examples/prosemirror in real Chromium.

let world: EditorWorld;

beforeAll(async () => {
  world = await createEditorWorld(await buildExample("prosemirror"), ".ProseMirror > *");
});
afterEach(async () => {
  await world.closePages();
  expect(world.failures).toEqual([]);
});
afterAll(() => world?.close());

async function open(rows: readonly string[], ...names: string[]) {
  const children = rows.map((text, index): NodeData => ({ id: `r${index}`, type: "item", attrs: { text } }));
  const document = await world.create({ id: "root", type: "list", children });
  const [ann, bob, ...others] = await world.open(document, ...names);
  if (!ann || !bob) throw new Error("a page is missing");
  const pages = [ann, bob, ...others];
  const stored = async () => ((await world.tree(document)).children ?? []).map(({ attrs }) => attrs?.text);
  const agree = async (...expected: string[]) => {
    for (const page of pages) await expect.poll(() => page.lines(), { timeout: 10_000 }).toEqual(expected);
    await expect.poll(stored).toEqual(expected);
  };
  return { document, ann, bob, pages, agree };
}

/** An editor hears of a selection that a key has made in a task of its own. */
function heard(page: Page): Promise<void> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  });
}

test("X85 three type in one row at once: each one's words are whole, and in order", async () => {
  const { ann, bob, pages, agree } = await open(["()", "below"], "Ann", "Bob", "Cid");
  const cid = pages[2] ?? expect.fail();
  await ann.goTo(0, 0);
  await bob.goTo(0, 1);
  await cid.goTo(0, 2);
  await Promise.all([ann.type("the quick brown fox", 30), bob.type("jumps over", 60), cid.type(" the lazy dog", 45)]);
  await agree("the quick brown fox(jumps over) the lazy dog", "below");
  expect([await ann.caret(), await bob.caret(), await cid.caret()]).toEqual([
    [0, 19],
    [0, 30],
    [0, 44],
  ]);
});

test.each([0, 1, 2, 3])("X86 one splits while another types behind it (%i)", async () => {
  const { ann, bob, agree } = await open(["helloworld"], "Ann", "Bob");
  await ann.goTo(0, 5);
  await bob.goTo(0, 8);
  await Promise.all([ann.page.keyboard.press("Enter"), bob.type("XYZ", 20)]);
  await agree("hello", "worXYZld");
  expect([await ann.caret(), await bob.caret()]).toEqual([
    [1, 0],
    [1, 6],
  ]);
});

test("X86 one joins while another types in the second row, and both split at once", async () => {
  const { ann, bob, agree } = await open(["hello", "world", "end"], "Ann", "Bob");
  await ann.goTo(1, 0);
  await bob.goTo(1, 3);
  await Promise.all([ann.page.keyboard.press("Backspace"), bob.type("XYZ", 20)]);
  await agree("helloworXYZld", "end");
  await ann.goTo(0, 5);
  await bob.goTo(0, 8);
  await Promise.all([ann.page.keyboard.press("Enter"), bob.page.keyboard.press("Enter")]);
  await agree("hello", "wor", "XYZld", "end");
});

test("X86 a selection over rows is replaced by what is typed", async () => {
  const { ann, agree } = await open(["hello", "between", "world"], "Ann", "Bob");
  await ann.goTo(0, 2);
  await ann.page.keyboard.down("Shift");
  await ann.page.keyboard.press("ArrowDown");
  await ann.page.keyboard.press("ArrowDown");
  await ann.page.keyboard.up("Shift");
  await heard(ann.page);
  await ann.type("X");
  await agree("heXrld");
});

test("X84 what is being composed is not disturbed by others who type in the same row, and split another", async () => {
  const { ann, bob, agree } = await open(["first row", "before after"], "Ann", "Bob");
  const ends = await watchCompositions(ann);
  await ann.goTo(1, 7);
  const compose = (text: string) =>
    ann.session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  await compose("に");
  await bob.goTo(1, 0);
  await bob.type("XX", 40);
  await expect.poll(async () => (await ann.lines())[1]).toBe("XXbefore にafter");
  await compose("にほ");
  await bob.page.keyboard.press("End");
  await bob.type("YY", 40);
  await expect.poll(async () => (await ann.lines())[1]).toBe("XXbefore にほafterYY");
  await bob.goTo(0, 5);
  await bob.page.keyboard.press("Enter");
  await expect.poll(async () => (await ann.lines()).length).toBe(3);
  await compose("にほん");
  await ann.session.send("Input.insertText", { text: "日本" });
  await agree("first", " row", "XXbefore 日本afterYY");
  expect(await ends()).toEqual(["日本"]);
  expect(await ann.caret()).toEqual([2, 11]);
});

/** Selects so many units behind the caret. */
async function select({ page }: EditorPage, count: number): Promise<void> {
  for (let unit = 0; unit < count; unit++) await page.keyboard.press("Shift+ArrowRight");
  await heard(page);
}

const boldIn = ({ page }: EditorPage) => page.locator(".ProseMirror strong").allTextContents();

test("X85 what one makes bold is bold for the other, who types in it and at its edge, splits it and joins it", async () => {
  const { document, ann, bob, agree } = await open(["hello world"], "Ann", "Bob");
  const bold = async (...expected: string[]) => {
    for (const page of [ann, bob]) await expect.poll(() => boldIn(page)).toEqual(expected);
  };
  await ann.goTo(0, 0);
  await select(ann, 5);
  await bob.goTo(0, 3);
  await Promise.all([ann.page.keyboard.press("Control+b"), bob.type("XYZ", 20)]);
  await bold("helXYZlo");
  await bob.goTo(0, 8);
  await bob.type("!");
  await bob.page.keyboard.press("Control+b");
  await bob.type("?");
  await bold("helXYZlo!");
  await bob.goTo(0, 3);
  await bob.page.keyboard.press("Enter");
  await bold("hel", "XYZlo!");
  await ann.goTo(1, 2);
  await select(ann, 2);
  await ann.page.keyboard.press("Control+i");
  await bob.page.keyboard.press("Backspace");
  await agree("helXYZlo!? world");
  await expect.poll(() => bob.page.locator(".ProseMirror em").allTextContents()).toEqual(["Zl"]);
  const [row] = (await world.tree(document)).children ?? [];
  expect(row?.attrs?.["text:marks"]).toEqual([
    [0, 9, "bold", true],
    [5, 7, "italic", true],
  ]);
  await ann.page.keyboard.press("Control+z");
  await expect.poll(() => bob.page.locator(".ProseMirror em").count()).toBe(0);
});

test("X84 what is being composed is not disturbed by who makes bold what is around it, or the row", async () => {
  const { ann, bob, agree } = await open(["before after"], "Ann", "Bob");
  const ends = await watchCompositions(ann);
  await ann.goTo(0, 7);
  const compose = (text: string) =>
    ann.session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  await compose("に");
  await bob.goTo(0, 0);
  await select(bob, 6);
  await bob.page.keyboard.press("Control+b");
  await expect.poll(() => boldIn(bob)).toEqual(["before"]);
  await bob.page.waitForTimeout(100);
  await compose("にほ");
  await bob.page.keyboard.press("Control+a");
  await bob.page.keyboard.press("Control+b");
  await expect.poll(async () => (await boldIn(bob)).join("")).toContain("after");
  await bob.page.waitForTimeout(100);
  await compose("にほん");
  await ann.session.send("Input.insertText", { text: "日本" });
  await agree("before 日本after");
  expect(await ends()).toEqual(["日本"]);
  expect(await ann.caret()).toEqual([0, 9]);
  // Until it ends the editor leaves the text alone in which it is.
  for (const page of [ann, bob]) await expect.poll(async () => (await boldIn(page)).join("")).toBe("before 日本after");
});

test("X85 the carets and selections of others stand where they are, and go with the text into another row", async () => {
  const { ann, bob, agree } = await open(["helloworld", "below"], "Ann", "Bob");
  await bob.goTo(0, 8);
  await expect.poll(() => ann.caretOf("Bob")).toEqual([0, 8]);
  await ann.goTo(0, 5);
  await expect.poll(() => bob.caretOf("Ann")).toEqual([0, 5]);
  await ann.page.keyboard.press("Enter");
  await expect.poll(() => ann.caretOf("Bob")).toEqual([1, 3]);
  await expect.poll(() => bob.caretOf("Ann")).toEqual([1, 0]);
  await bob.page.keyboard.press("Shift+Home");
  await expect.poll(() => ann.page.locator(".grove-selection").allTextContents()).toEqual(["wor"]);
  await bob.page.keyboard.press("Delete");
  await agree("hello", "ld", "below");
  await expect.poll(() => ann.caretOf("Bob")).toEqual([1, 0]);
});

test("X87 a row is made a heading, and undo takes back one's own alone", async () => {
  const { document, ann, bob, agree } = await open(["one", "two"], "Ann", "Bob");
  await ann.goTo(1, 0);
  await ann.page.keyboard.press("Control+1");
  await expect.poll(() => bob.page.locator("h2").allTextContents()).toEqual(["two"]);
  await bob.goTo(1, 3);
  await bob.type(" and");
  await agree("one", "two and");
  await ann.page.keyboard.press("Control+z");
  await expect.poll(() => bob.page.locator("h2").count()).toBe(0);
  await agree("one", "two and");
  await ann.page.keyboard.press("Control+Shift+z");
  await expect.poll(() => bob.page.locator("h2").allTextContents()).toEqual(["two and"]);
  const [, row] = (await world.tree(document)).children ?? [];
  expect(row).toEqual({ id: "r1", type: "heading", attrs: { text: "two and" } });
});

test("X111 X112 X114 undo takes back one's own words alone, a word or a split at a time", async () => {
  const { ann, bob, agree } = await open([""], "Ann", "Bob");
  await ann.type("one");
  await ann.page.waitForTimeout(PAUSE + 100);
  await ann.type(" two");
  await agree("one two");
  await bob.goTo(0, 0);
  await bob.type("Bob: ");
  await agree("Bob: one two");
  await ann.page.keyboard.press("Enter");
  await agree("Bob: one two", "");
  await ann.page.keyboard.press("Control+z");
  await agree("Bob: one two");
  await ann.page.keyboard.press("Control+z");
  await agree("Bob: one");
  await ann.page.keyboard.press("Control+z");
  await agree("Bob: ");
  await ann.page.keyboard.press("Control+y");
  await agree("Bob: one");
  const prevented = await ann.page.evaluate(() => {
    const fromMenu = new InputEvent("beforeinput", { inputType: "historyUndo", bubbles: true, cancelable: true });
    return !document.activeElement?.dispatchEvent(fromMenu);
  });
  expect(prevented).toBe(true);
  await agree("Bob: ");
});
