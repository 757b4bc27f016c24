import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { PAUSE } from "../../src/editors/groups.ts";
import { createEditorWorld, type EditorPage, type EditorWorld, watchCompositions } from "./editor-pages.ts";
import { buildExample } from "./page-server.ts";

// examples/codemirror in real Chromium.

let world: EditorWorld;

beforeAll(async () => {
  world = await createEditorWorld(await buildExample("codemirror"), ".cm-line");
});
afterEach(async () => {
  await world.closePages();
  expect(world.failures).toEqual([]);
});
afterAll(() => world?.close());

async function open(text: string, ...names: string[]) {
  const document = await world.create({ id: "root", type: "text", attrs: { text } });
  const pages = await world.open(document, ...names);
  return { document, pages, stored: async () => (await world.tree(document)).attrs?.text };
}

const two = ([one, other]: readonly EditorPage[]): readonly [EditorPage, EditorPage] => [
  one ?? expect.fail(),
  other ?? expect.fail(),
];

async function expectEverywhere(pages: readonly EditorPage[], text: string): Promise<void> {
  for (const page of pages)
    await expect.poll(async () => (await page.lines()).join("\n"), { timeout: 10_000 }).toBe(text);
}

test("X80 three type in one line at once: each one's words are whole, and in order", async () => {
  const { pages, stored } = await open("()", "Ann", "Bob", "Cid");
  const [ann, bob, cid] = pages;
  if (!ann || !bob || !cid) throw new Error("a page is missing");
  await ann.goTo(0, 0);
  await bob.goTo(0, 1);
  await cid.goTo(0, 2);
  await Promise.all([ann.type("the quick brown fox", 30), bob.type("jumps over", 60), cid.type(" the lazy dog", 45)]);
  const text = "the quick brown fox(jumps over) the lazy dog";
  await expectEverywhere(pages, text);
  expect(await stored()).toBe(text);
  expect([await ann.caret(), await bob.caret(), await cid.caret()]).toEqual([
    [0, 19],
    [0, 30],
    [0, 44],
  ]);
});

test("X80 two type at one place, with Enter, Backspace and several lines", async () => {
  const { pages, stored } = await open("", "Ann", "Bob");
  const [ann, bob] = two(pages);
  await Promise.all([ann.type("one two three\nfour", 25), bob.type("ONE TWO THREX", 35)]);
  await bob.page.keyboard.press("Backspace");
  await bob.type("E", 0);
  const words = ["one two three\nfour", "ONE TWO THREE"];
  const isWhole = (text: unknown) => words.every((each) => String(text).includes(each));
  await expect.poll(async () => isWhole(await stored())).toBe(true);
  const text = String(await stored());
  expect(text).toHaveLength(words.join("").length);
  await expectEverywhere(pages, text);
});

test("X84 what is being composed is not disturbed by others who type in the same line", async () => {
  const { pages, stored } = await open("before after", "Ann", "Bob");
  const [ann, bob] = two(pages);
  await ann.goTo(0, 7);
  const ends = await watchCompositions(ann);
  const compose = (text: string) =>
    ann.session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  await compose("に");
  await bob.goTo(0, 0);
  await bob.type("XX", 40);
  await expect.poll(async () => (await ann.lines())[0]).toBe("XXbefore にafter");
  await compose("にほ");
  await bob.page.keyboard.press("End");
  await bob.type("YY", 40);
  await expect.poll(async () => (await ann.lines())[0]).toBe("XXbefore にほafterYY");
  await compose("にほん");
  await ann.session.send("Input.insertText", { text: "日本" });
  await expectEverywhere(pages, "XXbefore 日本afterYY");
  expect(await stored()).toBe("XXbefore 日本afterYY");
  expect(await ends()).toEqual(["日本"]);
  expect(await ann.caret()).toEqual([0, 11]);
});

test("X82 the carets and selections of others stand where they are, and go with the text", async () => {
  const { pages } = await open("one\ntwo", "Ann", "Bob");
  const [ann, bob] = two(pages);
  await bob.goTo(1, 2);
  await expect.poll(() => ann.caretOf("Bob")).toEqual([1, 2]);
  const opacity = () =>
    ann.page.evaluate(() => {
      const caret = document.querySelector(".grove-caret");
      return caret ? getComputedStyle(caret, "::after").opacity : null;
    });
  await expect.poll(opacity, { timeout: 10_000 }).toBe("0");
  await ann.goTo(1, 0);
  await expect.poll(() => bob.caretOf("Ann")).toEqual([1, 0]);
  await ann.type("and ");
  await expect.poll(() => ann.caretOf("Bob")).toEqual([1, 6]);
  await expect.poll(() => bob.caretOf("Ann")).toEqual([1, 4]);
  expect(await opacity(), "nobody has moved").toBe("0");
  await bob.page.keyboard.press("Shift+Home");
  await expect.poll(() => ann.page.locator(".grove-selection").allTextContents()).toEqual(["and tw"]);
  await expect.poll(opacity).toBe("1");
  await bob.type("2", 0);
  await expect.poll(() => ann.page.locator(".grove-selection").count()).toBe(0);
  await expect.poll(() => ann.caretOf("Bob")).toEqual([1, 1]);
  await bob.page.close();
  await expect.poll(() => ann.caretOf("Bob")).toBe(null);
});

test("X81 a text with carriage returns stays as it is", async () => {
  const { pages, stored } = await open("one\r\ntwo\rthree\n", "Ann", "Bob");
  const [ann, bob] = two(pages);
  await ann.page.keyboard.press("Control+End");
  await ann.type("four");
  await bob.goTo(0, 0);
  await bob.type("0 ");
  await expect.poll(stored).toBe("0 one\r\ntwo\rthree\nfour");
});

test("X82 X111 X114 undo takes back one's own words alone, a word at a time", async () => {
  const { pages } = await open("start", "Ann", "Bob");
  const [ann, bob] = two(pages);
  await ann.page.keyboard.press("Control+End");
  await ann.type("!");
  await ann.page.waitForTimeout(PAUSE + 100);
  await ann.type(" mine");
  await expectEverywhere(pages, "start! mine");
  await bob.goTo(0, 0);
  await bob.type("theirs ");
  await expectEverywhere(pages, "theirs start! mine");
  await ann.page.keyboard.press("Control+z");
  await expectEverywhere(pages, "theirs start!");
  await ann.page.keyboard.press("Control+z");
  await expectEverywhere(pages, "theirs start");
  // There is nothing left of hers.
  await ann.page.keyboard.press("Control+z");
  await ann.page.keyboard.press("Control+y");
  await expectEverywhere(pages, "theirs start!");
  const prevented = await ann.page.evaluate(() => {
    const fromMenu = new InputEvent("beforeinput", { inputType: "historyUndo", bubbles: true, cancelable: true });
    return !document.activeElement?.dispatchEvent(fromMenu);
  });
  expect(prevented).toBe(true);
  await expectEverywhere(pages, "theirs start");
});
