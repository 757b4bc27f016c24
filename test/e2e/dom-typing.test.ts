import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { NodeData } from "../../src/client/index.ts";
import { PAUSE } from "../../src/editors/groups.ts";
import { startBrowser } from "./browser.ts";
import { layCable } from "./cable.ts";
import { dataOf } from "./http.ts";
import { buildPage, servePage } from "./page-server.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// The outliner of docs/dom.md (pages/outline) in several pages of real Chromium, against the real Worker.

let workerd: WorkerdProcess;
let browser: Browser;
let folder: string;
let documents = 0;
const left: (() => Promise<unknown>)[] = [];
const failures: Error[] = [];

beforeAll(async () => {
  workerd = await startWorkerd();
  folder = await buildPage("outline");
  browser = await startBrowser();
});
afterEach(async () => {
  for (const leave of left.splice(0).reverse()) await leave();
  expect(failures.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await workerd?.kill();
});

/** Somebody in a window of an own machine. */
interface Typist {
  readonly page: Page;
  goTo(row: number, at: number): Promise<void>;
  /** As a person does, 30 to 120 ms a key. */
  type(text: string): Promise<void>;
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
}

interface Scene {
  readonly typists: readonly Typist[];
  /** What all of them see, once it is the same and nothing is on its way. */
  rows(): Promise<readonly string[]>;
}

async function scene(people: number, ...rows: readonly string[]): Promise<Scene> {
  const document = `dom-${++documents}`;
  const children = rows.map((text, index) => ({ id: `row-${index}`, type: "row", attrs: { text } }));
  const body = JSON.stringify({ tree: { id: "root", type: "outline", children } });
  const made = await fetch(`${workerd.url}/documents/${document}`, { method: "PUT", body });
  expect(made.status).toBe(201);
  const typists = await Promise.all(Array.from({ length: people }, () => openTypist(document, rows.length)));
  const seen = () => Promise.all(typists.map(({ page }) => rowsIn(page)));
  return {
    typists,
    async rows() {
      const stored = async () => textsOf(await dataOf(workerd.url, document));
      const different = async () => {
        const all = [await stored(), ...(await seen())];
        return all.filter((each) => each.join("\n") !== all[0]?.join("\n")).length === 0 ? [] : all;
      };
      const patience = { timeout: 10_000 };
      await expect.poll(different, patience).toEqual([]);
      await sleep(300);
      await expect.poll(different, patience).toEqual([]);
      return (await seen())[0] ?? [];
    },
  };
}

function textsOf({ children = [] }: NodeData): string[] {
  return children.map(({ attrs }) => String(attrs?.text ?? ""));
}

async function openTypist(documentId: string, rows: number): Promise<Typist> {
  const cable = await layCable(workerd.url);
  const web = await servePage(folder, cable.url);
  const context = await browser.newContext();
  left.push(cable.close, web.close, () => context.close());
  const page = await context.newPage();
  page.on("pageerror", (error) => failures.push(error));
  await page.goto(`${web.url}/#${documentId}`);
  await expect.poll(() => page.locator("div").count(), { timeout: 20_000 }).toBe(Math.max(1, rows));
  return {
    page,
    goTo: (row, at) =>
      page.evaluate(
        ([index, place]) => {
          const element = document.body.children[index];
          if (!(element instanceof HTMLElement)) throw new Error(`there is no row ${index}`);
          element.focus();
          getSelection()?.collapse(element.firstChild ?? element, place);
        },
        [row, at] as const,
      ),
    async type(text) {
      for (const letter of text) {
        await page.keyboard.type(letter);
        await sleep(30 + 90 * Math.random());
      }
    },
    async goOffline() {
      cable.cut();
      await context.setOffline(true);
    },
    async goOnline() {
      cable.mend();
      await context.setOffline(false);
    },
  };
}

const rowsIn = (page: Page) => page.evaluate(() => Array.from(document.body.children, (row) => row.textContent));

/** The row that a page has its caret in, with it. */
const caretIn = (page: Page) =>
  page.evaluate(() => {
    const { anchorNode, anchorOffset = 0 } = getSelection() ?? {};
    const text = anchorNode?.textContent ?? "";
    return `${text.slice(0, anchorOffset)}|${text.slice(anchorOffset)}`;
  });

test("docs/dom.md shows this outliner as it is", () => {
  const source = readFileSync("test/e2e/pages/outline/main.ts", "utf8");
  expect(readFileSync("docs/dom.md", "utf8")).toContain(`\`\`\`ts\n${source}\`\`\``);
});

test("[X79] three type in one row at its beginning, its middle and its end, and each goes on where he was", async () => {
  const { typists, rows } = await scene(3, "one two three");
  const [ann, bob, cem] = typists;
  if (!ann || !bob || !cem) throw new Error("there are three");
  await ann.goTo(0, 0);
  await bob.goTo(0, 7);
  await cem.goTo(0, 13);
  await Promise.all([ann.type("What Ann says: "), bob.type(" (and a half)"), cem.type(", four by Cem")]);
  const all = "What Ann says: one two (and a half) three, four by Cem";
  expect(await rows()).toEqual([all]);
  expect(await caretIn(ann.page)).toBe(all.replace("says: ", "says: |"));
  expect(await caretIn(bob.page)).toBe(all.replace("half)", "half)|"));
  expect(await caretIn(cem.page)).toBe(`${all}|`);
});

test("[X79] three type at the very same place, and the words of each are whole", async () => {
  const { typists, rows } = await scene(3, "hello world");
  const texts = ["This is what Ann wrote. ", "Bob says something. ", "The third one, too. "];
  await Promise.all(typists.map((each) => each.goTo(0, 6)));
  await Promise.all(typists.map((each, index) => each.type(texts[index] ?? "")));
  const [row = ""] = await rows();
  for (const text of texts) expect(row).toContain(text);
  expect(texts.reduce((rest, text) => rest.replace(text, ""), row)).toBe("hello world");
  for (const [index, { page }] of typists.entries()) {
    const caret = await caretIn(page);
    expect(caret).toContain(`${texts[index]}|`);
  }
});

test("[X79] two correct words of each other while both type, with Backspace and with Delete", async () => {
  const { typists, rows } = await scene(2, "teh cat sta on the mat");
  const [ann, bob] = typists;
  if (!ann || !bob) throw new Error("there are two");
  await ann.goTo(0, 3);
  await bob.goTo(0, 8);
  const press = (page: Page, ...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)).then(() => sleep(60)), Promise.resolve());
  await Promise.all([
    press(ann.page, "Backspace", "Backspace").then(() => ann.type("he quick")),
    press(bob.page, "Delete", "Delete", "Delete").then(() => bob.type("sat down")),
  ]);
  expect(await rows()).toEqual(["the quick cat sat down on the mat"]);
  expect(await caretIn(ann.page)).toBe("the quick| cat sat down on the mat");
  expect(await caretIn(bob.page)).toBe("the quick cat sat down| on the mat");
});

test("[X74] [X79] composition goes on while another types in the same row", async () => {
  const { typists, rows } = await scene(2, "hello world");
  const [ann, bob] = typists;
  if (!ann || !bob) throw new Error("there are two");
  const input = await ann.page.context().newCDPSession(ann.page);
  await ann.goTo(0, 5);
  await bob.goTo(0, 0);
  const compose = async () => {
    for (const text of ["n", "に", "にh", "にほ", "にほn", "にほん"]) {
      await input.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
      await sleep(120);
      // Nothing that Bob writes comes in between, and so nothing ends it.
      expect((await rowsIn(ann.page))[0]).toBe(`hello${text} world`);
    }
    await input.send("Input.insertText", { text: "日本" });
  };
  await Promise.all([compose(), bob.type("Well, ")]);
  expect(await rows()).toEqual(["Well, hello日本 world"]);
  await ann.type("!");
  expect(await caretIn(ann.page)).toBe("Well, hello日本!| world");
});

test("[X79] both are offline, type in one row, and come back", async () => {
  const { typists, rows } = await scene(2, "one two", "other");
  const [ann, bob] = typists;
  if (!ann || !bob) throw new Error("there are two");
  await Promise.all(typists.map((each) => each.goOffline()));
  await ann.goTo(0, 3);
  await bob.goTo(0, 3);
  await Promise.all([ann.type(" by Ann"), bob.type(" by Bob")]);
  await bob.page.keyboard.press("Enter");
  await ann.goTo(1, 0);
  await ann.page.keyboard.press("Backspace");
  await Promise.all([ann.goOnline(), bob.goOnline()]);
  const seen = await rows();
  // Bob's split and Ann's join are both kept, and so is every word.
  expect(seen).toHaveLength(2);
  expect(seen.join("")).toMatch(/^one( by Ann by Bob| by Bob by Ann) twoother$/);
});

test("[X77] [X79] [X111] undo takes back one's own words, one at a time, and leaves what the other wrote in between", async () => {
  const { typists, rows } = await scene(2, "hello");
  const [ann, bob] = typists;
  if (!ann || !bob) throw new Error("there are two");
  await ann.goTo(0, 5);
  await ann.type(",");
  await ann.page.waitForTimeout(PAUSE + 100);
  await ann.type(" Ann");
  await rows();
  await bob.goTo(0, 8);
  await bob.type("-Bob-");
  expect(await rows()).toEqual(["hello, A-Bob-nn"]);
  await ann.page.keyboard.press("Control+z");
  expect(await rows()).toEqual(["hello,-Bob-"]);
  await ann.page.keyboard.press("Control+z");
  expect(await rows()).toEqual(["hello-Bob-"]);
});

test("an empty document begins with a row, and with one alone for two who open it at once", async () => {
  const { typists, rows } = await scene(2);
  expect(await rows()).toEqual([""]);
  await typists[0]?.goTo(0, 0);
  await typists[0]?.type("hello");
  expect(await rows()).toEqual(["hello"]);
});

test("[X19] whose row another splits, or joins with the one above, goes on typing where his text has gone", async () => {
  const { typists, rows } = await scene(2, "the quick brown fox", "second");
  const [ann, bob] = typists;
  if (!ann || !bob) throw new Error("there are two");
  await ann.goTo(0, 10);
  await bob.goTo(0, 19);
  await Promise.all([
    bob.type(" jumps over the dog"),
    sleep(500).then(async () => {
      await ann.page.keyboard.press("Enter");
      await ann.type("new ");
    }),
  ]);
  expect(await rows()).toEqual(["the quick ", "new brown fox jumps over the dog", "second"]);
  expect(await caretIn(bob.page)).toBe("new brown fox jumps over the dog|");
  await ann.goTo(2, 0);
  await bob.goTo(2, 6);
  await Promise.all([bob.type(" row and its end"), sleep(500).then(() => ann.page.keyboard.press("Backspace"))]);
  expect(await rows()).toEqual(["the quick ", "new brown fox jumps over the dogsecond row and its end"]);
  expect(await caretIn(ann.page)).toBe("new brown fox jumps over the dog|second row and its end");
});
