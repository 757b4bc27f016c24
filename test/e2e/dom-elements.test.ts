import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser } from "./browser.ts";
import { buildPage, pageFile } from "./page-server.ts";
import type { Kind } from "./pages/dom/main.ts";

// Bound elements in real Chromium, and others who edit the same texts, without a server (pages/dom).

const ADDRESS = "http://localhost/";
const KINDS: readonly Kind[] = ["input", "textarea", "row", "editable"];
const ONE_LINE: readonly Kind[] = ["input", "row", "editable"];

let browser: Browser;
let context: BrowserContext;
let page: Page;
let input: CDPSession;
const failures: Error[] = [];

beforeAll(async () => {
  const folder = await buildPage("dom");
  browser = await startBrowser();
  context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  await context.route(`${ADDRESS}**`, async (route) => {
    const { type, body } = await pageFile(folder, new URL(route.request().url()).pathname);
    await route.fulfill({ contentType: type, body });
  });
  page = await context.newPage();
  page.on("pageerror", (error) => failures.push(error));
  input = await context.newCDPSession(page);
});
beforeEach(async () => {
  await page.goto(ADDRESS);
});
afterEach(() => expect(failures.splice(0)).toEqual([]));
afterAll(() => browser?.close());

const show = (text: string, ...kinds: Kind[]) =>
  page.evaluate(([beginning, all]) => window.dom.show(beginning, ...all), [text, kinds] as const);
const select = (start: number, end = start) =>
  page.evaluate(([from, to]) => window.dom.bindings[0]?.select(from, to), [start, end] as const);
const press = (...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const compose = (text: string) =>
  input.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
const commit = (text: string) => input.send("Input.insertText", { text });
const copy = (text: string) => page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
const heard = () => page.evaluate(() => window.dom.heard.splice(0));

/** Somebody else edits, and it arrives, as does everything else. */
const elsewhere = (...changes: (number | string)[]) =>
  page.evaluate((edit) => {
    window.dom.others[0]?.edit(edit);
    window.dom.channel.settle();
  }, changes);

/** What stands in the element, with the caret or selection in it. It is what the text is, here and, delivered, for all. */
async function picture(index = 0): Promise<string> {
  const { value, text, everywhere, selected } = await page.evaluate((at) => {
    window.dom.channel.settle();
    const texts = [...window.dom.texts, ...window.dom.others];
    return {
      value: window.dom.value(at),
      text: window.dom.texts[at]?.value,
      everywhere: [...new Set([window.dom.channel.value, ...texts.map((each) => each.value)])],
      selected: window.dom.bindings[at]?.selected,
    };
  }, index);
  expect(everywhere).toEqual([text]);
  expect(value).toBe(text);
  if (!selected) return value;
  const { start, end } = selected;
  return value.slice(0, start) + (start === end ? "|" : `[${value.slice(start, end)}]`) + value.slice(end);
}

test.each(KINDS)("[X70] [X73] typing in a %s, and others around the caret", async (kind) => {
  await show("hello world", kind);
  await select(99);
  expect(await picture()).toBe("hello world|");
  await select(5);
  await page.keyboard.type(", big");
  expect(await picture()).toBe("hello, big| world");
  await elsewhere("Oh, ", 10, "!");
  expect(await picture()).toBe("Oh, hello, big|! world");
  await press("Backspace", "Control+Backspace", "Shift+End");
  expect(await picture()).toBe("Oh, hello, [! world]");
  await elsewhere(11, "X", 7, "Y");
  expect(await picture()).toBe("Oh, hello, X[! world]Y");
  await page.keyboard.type("😀");
  await press("ArrowLeft", "Delete", "Home", "Delete");
  expect(await picture()).toBe("|h, hello, XY");
});

test.each(KINDS)("[X74] composition in a %s is not disturbed by what others do", async (kind) => {
  await show("hello", kind);
  await select(2);
  await compose("n");
  await elsewhere("X", 2, -1);
  await compose("に");
  await elsewhere(1, "Y");
  await compose("にほn");
  expect(await page.evaluate(() => window.dom.value())).toBe("heにほnllo");
  await elsewhere(2, "Z");
  await commit("日本");
  await expect.poll(() => picture()).toBe("XYZhe日本|lo");
  await page.keyboard.type("!");
  expect(await picture()).toBe("XYZhe日本!|lo");
});

test.each(KINDS)("[X74] Korean in a %s: one syllable after the other, each its own composition", async (kind) => {
  await show("a", kind);
  await select(1);
  for (const [syllables, done] of [
    [["ㅎ", "하", "한"], "한"],
    [["ㄱ", "구", "국"], "국"],
  ] as const) {
    for (const syllable of syllables) {
      await compose(syllable);
      await elsewhere("x");
    }
    await commit(done);
  }
  await expect.poll(() => picture()).toBe("xxxxxxa한국|");
});

test.each(KINDS)("[X74] a composition in a %s that comes to nothing leaves nothing", async (kind) => {
  await show("hello", kind);
  await select(5);
  await compose("にほ");
  await elsewhere(5, "!");
  await compose("");
  await expect.poll(() => picture()).toBe("hello|!");
});

test.each(KINDS)("[X72] what is deleted in a %s is what people see as one character", async (kind) => {
  await show("a👩‍👩‍👧b😀", kind);
  await press("Tab", "End", "Backspace", "ArrowLeft", "Backspace");
  expect(await picture()).toBe("a|b");
});

test.each(["input", "textarea"] as const)("[X75] what a %s cannot show stays in the text", async (kind) => {
  await show("one\r\ntwo\rsix", kind);
  await select(8);
  await page.keyboard.type("!");
  const [value, text] = await page.evaluate(() => [window.dom.value(), window.dom.texts[0]?.value]);
  expect(value).toBe(kind === "input" ? "one  two! six" : "one \ntwo! six");
  expect(text).toBe("one\r\ntwo!\rsix");
});

test.each(KINDS)("[X76] a correction in a %s is the smallest edit", async (kind) => {
  await show("teh cat", kind);
  await select(7);
  await elsewhere("I saw ");
  // As a browser does it: the word is replaced, wherever the caret is.
  await page.evaluate(() => {
    const [element] = document.body.children;
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
      element.setRangeText("the", 6, 9);
    else element?.firstChild?.replaceWith("I saw the cat");
    element?.dispatchEvent(new InputEvent("input", { inputType: "insertReplacementText", bubbles: true }));
  });
  expect((await picture()).replace("|", "")).toBe("I saw the cat");
  expect(await page.evaluate(() => window.dom.texts[0]?.edits)).toEqual([[7, "he", -2]]);
});

test.each(KINDS)("[X111] [X112] what is typed into a %s is undone by groups", async (kind) => {
  await show("hello", kind);
  await select(5);
  /** Which step of undo each edit since the beginning belongs to. */
  const steps = () =>
    page.evaluate(() => {
      const groups = window.dom.texts[0]?.groups ?? [];
      return groups.map((group) => [...new Set(groups)].indexOf(group) + 1).join("");
    });
  await page.keyboard.type("ab");
  await elsewhere("X");
  await page.keyboard.type("c");
  expect(await steps()).toBe("111");
  await press("ArrowLeft", "ArrowRight", "d", "e");
  expect(await steps()).toBe("11122");
  await press("Backspace", "Backspace", "f");
  expect(await steps()).toBe("11122334");
  await copy("pasted");
  await press("Control+v", "g");
  expect(await steps()).toBe("1112233456");
  for (const text of ["n", "に", "にほ"]) await compose(text);
  await commit("日本");
  await press("Shift+ArrowLeft");
  // A browser tells of a new selection with the next frame: nobody types as fast.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));
  await press("h", "i");
  expect(await steps()).toMatch(/^111223345(6+)77$/);
});

test.each(ONE_LINE)("[X77] keys that are no text in a %s are the caller's", async (kind) => {
  await show("hello", kind);
  await select(0);
  await press("Backspace", "Enter", "ArrowRight", "Backspace", "End", "Delete", "Enter");
  expect(await heard()).toEqual([["backspace"], ["enter", 0], ["delete"], ["enter", 4]]);
  await select(1, 3);
  await press("Enter", "Control+z", "Control+Shift+z", "Control+y");
  expect(await heard()).toEqual([["enter", 1], ["undo"], ["redo"], ["redo"]]);
  expect(await picture()).toBe("e|o");
  await select(0, 2);
  await press("Backspace");
  expect(await heard()).toEqual([]);
  expect(await picture()).toBe("|");
});

test.each(ONE_LINE)("[X77] while somebody composes in a %s keys belong to the input method", async (kind) => {
  await show("hello", kind);
  await select(0);
  await compose("に");
  const isLeft = (how: { readonly key: string; readonly keyCode: number }) =>
    page.evaluate((init) => {
      const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
      return document.body.firstElementChild?.dispatchEvent(event);
    }, how);
  expect(await isLeft({ key: "Enter", keyCode: 13 })).toBe(true);
  await commit("日");
  // Safari tells that a composition is over before it tells of the key that ended it.
  expect(await isLeft({ key: "Enter", keyCode: 229 })).toBe(true);
  expect(await heard()).toEqual([]);
  expect(await isLeft({ key: "Enter", keyCode: 13 })).toBe(false);
  expect(await heard()).toEqual([["enter", 1]]);
});

test("[X77] Enter in a text area that nobody asks about is a line, and undo never the browser's", async () => {
  await show("hello", "textarea");
  await select(2);
  await press("Enter", "Control+z");
  expect(await picture()).toBe("he\n|llo");
});

test.each(KINDS)("[X78] a paste into a %s", async (kind) => {
  await show("hello", kind);
  await select(1, 4);
  await copy("one");
  await press("Control+v");
  expect(await picture()).toBe("hone|o");
  await elsewhere("X");
  await copy("two\r\n\nthree");
  await press("Control+v");
  const takesLines = kind === "textarea";
  expect(await picture()).toBe(takesLines ? "Xhonetwo\n\nthree|o" : "Xhone|o");
  expect(await heard()).toEqual(takesLines ? [] : [["lines", ["two", "", "three"], 5]]);
});

test("[X78] a paste into an editable element is plain text, and keys do not make it bold", async () => {
  await show("hello", "editable");
  await select(5);
  await page.evaluate(() => {
    const blob = (type: string, text: string) => ({ [type]: new Blob([text], { type }) });
    const item = { ...blob("text/html", "<b>bold</b><i> words</i>"), ...blob("text/plain", " bold words") };
    return navigator.clipboard.write([new ClipboardItem(item)]);
  });
  await press("Control+v");
  expect(await picture()).toBe("hello bold words|");
  await press("Control+a", "Control+b");
  expect(await page.evaluate(() => document.body.firstElementChild?.innerHTML)).toBe("hello bold words");
});

test("[X78] lines that nobody takes are one, with spaces between them", async () => {
  await page.evaluate(() => {
    window.dom.takesLines = false;
    window.dom.show("hello", "editable");
    window.dom.bindings[0]?.select(2);
  });
  await copy("one\ntwo");
  await press("Control+v");
  expect(await picture()).toBe("heone two|llo");
});

test.each(KINDS)("[X78] a word dragged inside a %s, and out of it", async (kind) => {
  await show("hello world", kind, "input", "editable");
  const boxes = await page.locator("body > *").all();
  const [first, second, third] = await Promise.all(boxes.map((box) => box.boundingBox()));
  if (!first || !second || !third) throw new Error("there are three elements");
  const grab = async () => {
    await page.mouse.dblclick(first.x + 12, first.y + 10);
    await page.mouse.down();
  };
  const drop = async (x: number, y: number) => {
    await page.mouse.move(x - 5, y, { steps: 3 });
    await page.mouse.move(x, y, { steps: 3 });
    await page.mouse.up();
  };
  await grab();
  await drop(first.x + first.width - 4, first.y + 10);
  expect((await picture()).replace(/[[\]|]/g, "")).toBe(" worldhello");
  await grab();
  await drop(second.x + second.width - 4, second.y + 10);
  // Deleted in the one and inserted in the other, which show one text here.
  expect((await picture(1)).replace(/[[\]|]/g, "")).toBe(" worldhello");
  expect(await page.evaluate(() => [0, 1, 2].map(window.dom.value))).toEqual(Array(3).fill(" worldhello"));
});
