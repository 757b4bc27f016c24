import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { caretIn, type Demo, edit, expectBoth, row, startDemo, write } from "./demo-page.ts";

// Typing in the demo: rows that split and join, several people in one of them, and where they are.

let demo: Demo;
let documents = 0;

beforeAll(async () => {
  demo = await startDemo();
});
afterEach(() => expect(demo.failures).toEqual([]));
afterAll(() => demo?.end());

async function openAll(count: number): Promise<Page[]> {
  const documentId = `demo-text-${++documents}`;
  return Promise.all(Array.from({ length: count }, () => demo.open(documentId)));
}
async function openTwo(): Promise<[Page, Page]> {
  const [one, two] = await openAll(2);
  if (!one || !two) throw new Error("there are two");
  return [one, two];
}

/** The caret goes so many characters behind the beginning of a row. */
async function goTo(page: Page, text: string, at: number): Promise<void> {
  await edit(page, text);
  await page.evaluate(`document.activeElement.setSelectionRange(${at}, ${at})`);
}

/** As a person does, 30 to 120 ms a key. */
async function type(page: Page, text: string): Promise<void> {
  for (const letter of text) {
    await page.keyboard.type(letter);
    await sleep(30 + 90 * Math.random());
  }
}

/** Where a page shows somebody: the text before them, in each row that has anybody. */
const others = (page: Page) =>
  page.evaluate<string[]>(`
    Array.from(document.querySelectorAll(".mirror i"), (mark) => {
      const range = document.createRange();
      range.setStart(mark.parentElement, 0);
      range.setEndBefore(mark);
      return range.toString();
    })
  `);
const says = (page: Page) => page.locator("#toasts p").allTextContents();

test("Enter splits a row at the caret, and Backspace at the beginning joins it with the one above", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack Coat", "    Gloves", "  Money"]);
  await goTo(one, "Money", 3);
  await one.keyboard.press("Enter");
  expect(await caretIn(one)).toBe("|ey");
  await expectBoth([one, two], ["Trip", "  Pack Coat", "    Gloves", "  Mon", "  ey"]);
  await one.keyboard.press("Backspace");
  expect(await caretIn(one)).toBe("Mon|ey");
  await expectBoth([one, two], ["Trip", "  Pack Coat", "    Gloves", "  Money"]);

  // At the beginning the new row comes before, and the caret stays in its text.
  await goTo(one, "Money", 0);
  await one.keyboard.press("Enter");
  expect(await caretIn(one)).toBe("|Money");
  await expectBoth([one, two], ["Trip", "  Pack Coat", "    Gloves", "  ", "  Money"]);
  await one.keyboard.press("Backspace");
  await expectBoth([one, two], ["Trip", "  Pack Coat", "    Gloves", "  Money"]);

  // What is below a row stays below the end of its text.
  await goTo(one, "Pack Coat", 4);
  await one.keyboard.press("Enter");
  expect(await caretIn(one)).toBe("| Coat");
  await expectBoth([one, two], ["Trip", "  Pack", "   Coat", "    Gloves", "  Money"]);
  await one.keyboard.press("Home");
  await one.keyboard.press("Backspace");
  await one.keyboard.press("End");
  await one.keyboard.press("Delete");
  expect(await caretIn(one)).toBe("Pack Coat|Gloves");
  await one.keyboard.press("Enter");
  await expectBoth([one, two], ["Trip", "  Pack Coat", "  Gloves", "  Money"]);
});

test("a row joins its parent, or the last row below the one before it, and nothing changes its order", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack", "    Coat", "      Gloves", "    Boots", "  Money", "    Cash"]);
  await goTo(one, "Coat", 0);
  await one.keyboard.press("Backspace");
  expect(await caretIn(one)).toBe("Pack|Coat");
  await expectBoth([one, two], ["Trip", "  PackCoat", "    Gloves", "    Boots", "  Money", "    Cash"]);
  await goTo(one, "Money", 0);
  await one.keyboard.press("Backspace");
  await expectBoth([one, two], ["Trip", "  PackCoat", "    Gloves", "    BootsMoney", "      Cash"]);
  await goTo(one, "Trip", 0);
  await one.keyboard.press("Backspace");
  await expectBoth([one, two], ["Trip", "  PackCoat", "    Gloves", "    BootsMoney", "      Cash"]);
});

test("a row that would lose something is not joined, and a hint says what", async () => {
  const documentId = `demo-text-${++documents}`;
  const file = { id: "file", type: "file", attrs: { name: "a.txt", size: 7 } };
  const line = { id: "line", type: "row", attrs: { text: "line", done: true } };
  const tree = { id: "top", type: "list", attrs: { text: "Top" }, children: [file, line] };
  await fetch(`${demo.server.url}/documents/${documentId}`, { method: "PUT", body: JSON.stringify({ tree }) });
  const page = await demo.open(documentId);
  await goTo(page, "line", 0);
  await page.keyboard.press("Backspace");
  const lost = (name: string, what: string) =>
    `Not joined: the row “${name}” would lose what it has beside its text (${what}). Ctrl ⇧ ⌫ removes it.`;
  await expect.poll(() => says(page)).toEqual([lost("line", "done, text")]);
  await goTo(page, "Top", 3);
  await page.keyboard.press("Delete");
  await expect.poll(() => says(page)).toEqual([lost("line", "done, text"), lost("a.txt", "size, type file, name")]);
  await expectBoth([page], ["Top", "  a.txt", "  line"]);
});

test("three type in one row at its beginning, its middle and its end, and see each other where they are", async () => {
  const pages = await openAll(3);
  const [one, two, three] = pages;
  if (!one || !two || !three) throw new Error("there are three");
  await write(one, ["Trip", "  one two three"]);
  await expectBoth(pages, ["Trip", "  one two three"]);
  await goTo(one, "one", 0);
  await goTo(two, "one", 7);
  await goTo(three, "one", 13);
  await Promise.all([type(one, "What Ann says: "), type(two, " (and a half)"), type(three, ", four")]);
  await expectBoth(pages, ["Trip", "  What Ann says: one two (and a half) three, four"]);
  expect(await caretIn(one)).toBe("What Ann says: |one two (and a half) three, four");
  expect(await caretIn(two)).toBe("What Ann says: one two (and a half)| three, four");
  expect(await caretIn(three)).toBe("What Ann says: one two (and a half) three, four|");
  const [ann, bob, cem] = ["What Ann says: ", "What Ann says: one two (and a half)"].concat(
    "What Ann says: one two (and a half) three, four",
  );
  await expect.poll(() => others(one)).toEqual([bob, cem]);
  await expect.poll(() => others(two)).toEqual([ann, cem]);
  await expect.poll(() => others(three)).toEqual([ann, bob]);
});

test("who types goes along when another splits and joins the row, and so does who is seen there", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  hello world"]);
  await expectBoth([one, two], ["Trip", "  hello world"]);
  await goTo(one, "hello", 5);
  await goTo(two, "hello", 9);
  await type(two, "o");
  await one.keyboard.press("Enter");
  await expectBoth([one, two], ["Trip", "  hello", "   worold"]);
  await type(two, "u");
  expect(await caretIn(two)).toBe(" worou|ld");
  await expect.poll(() => others(one)).toEqual([" worou"]);
  await one.keyboard.press("Backspace");
  await expectBoth([one, two], ["Trip", "  hello worould"]);
  await Promise.all([type(one, ", big"), type(two, " or wo")]);
  await expectBoth([one, two], ["Trip", "  hello, big worou or wold"]);
  expect(await caretIn(two)).toBe("hello, big worou or wo|ld");
  await expect.poll(() => others(one)).toEqual(["hello, big worou or wo"]);
  await expect.poll(() => others(two)).toEqual(["hello, big"]);
  // Nobody was told that a row was removed.
  expect(await says(two)).toEqual([]);
});

test("one splits a row while another types in it, at every key", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  a b c d e f g h"]);
  await expectBoth([one, two], ["Trip", "  a b c d e f g h"]);
  await goTo(two, "a b", 15);
  await goTo(one, "a b", 2);
  const splitting = async () => {
    for (let count = 0; count < 6; count++) {
      await one.keyboard.press("Enter");
      await sleep(60 + 90 * Math.random());
      await one.keyboard.press("ArrowRight");
      await one.keyboard.press("ArrowRight");
    }
  };
  await Promise.all([splitting(), type(two, " and all of the rest")]);
  await expectBoth([one, two], ["Trip", "  a ", "  b ", "  c ", "  d ", "  e ", "  f ", "  g h and all of the rest"]);
  expect(await caretIn(two)).toBe("g h and all of the rest|");
});

test("X116: a word that is typed and taken back while the server is away is gone at once, and stays away for everybody", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack"]);
  await expectBoth([one, two], ["Trip", "  Pack"]);
  await sleep(1_100);
  await goTo(one, "Pack", 4);
  await type(one, " Coat");
  await expectBoth([one, two], ["Trip", "  Pack Coat"]);
  await demo.kill();
  await one.locator("#state", { hasText: "Offline" }).waitFor();
  await one.keyboard.press("Control+z");
  expect(await caretIn(one)).toBe("Pack|");
  await sleep(1_100);
  await one.keyboard.type(" Hat");
  expect(await caretIn(one)).toBe("Pack Hat|");
  await one.keyboard.press("Control+z");
  expect(await caretIn(one)).toBe("Pack|");
  await one.keyboard.press("Control+Shift+z");
  expect(await caretIn(one)).toBe("Pack Hat|");
  await demo.restart();
  await expectBoth([one, two], ["Trip", "  Pack Hat"]);
}, 60_000);

test("composition in a row goes on while another types before it", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  hello world"]);
  await expectBoth([one, two], ["Trip", "  hello world"]);
  const input = await one.context().newCDPSession(one);
  await goTo(one, "hello", 5);
  await goTo(two, "hello", 0);
  const compose = async () => {
    for (const text of ["n", "に", "にh", "にほ", "にほn", "にほん"]) {
      await input.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
      await sleep(100);
      expect(await caretIn(one)).toBe(`hello${text}| world`);
    }
    await input.send("Input.insertText", { text: "日本" });
  };
  await Promise.all([compose(), type(two, "Well, ")]);
  await expectBoth([one, two], ["Trip", "  Well, hello日本 world"]);
  await expect.poll(() => caretIn(one)).toBe("Well, hello日本| world");
  expect(await row(two, "日本").count()).toBe(1);
});
