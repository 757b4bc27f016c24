import type { Browser, CDPSession, Page } from "playwright-core";
import { expect } from "vitest";
import type { NodeData } from "../../src/tree/index.ts";
import { startBrowser } from "./browser.ts";
import { dataOf } from "./http.ts";
import { type PageServer, servePage } from "./page-server.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// Pages of an editor in real Chromium, against the real Worker.

export interface EditorPage {
  readonly page: Page;
  readonly session: CDPSession;
  /** The text of each line or block, without the carets of others. */
  lines(): Promise<readonly string[]>;
  /** Where the caret is: the line and the units before it. */
  caret(): Promise<readonly [number, number]>;
  /** Where a label stands: the line, and the units before it. */
  caretOf(name: string): Promise<readonly [number, number] | null>;
  /** Puts the caret into a line, as a click does. */
  goTo(line: number, at: number): Promise<void>;
  /** A character each so many milliseconds. */
  type(text: string, every?: number): Promise<void>;
}

export interface EditorWorld {
  open(document: string, ...names: readonly string[]): Promise<EditorPage[]>;
  create(tree: NodeData): Promise<string>;
  tree(document: string): Promise<NodeData>;
  /** Everything that went wrong in a page. */
  readonly failures: readonly Error[];
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/** `line`: what selects a line, or a block. */
export async function createEditorWorld(folder: string, line: string): Promise<EditorWorld> {
  const workerd: WorkerdProcess = await startWorkerd();
  const browser: Browser = await startBrowser();
  const web: PageServer = await servePage(folder, workerd.url);
  const failures: Error[] = [];
  const open: Page[] = [];
  let documents = 0;
  return {
    failures,
    async create(tree) {
      const document = `editor-${++documents}`;
      const { ok } = await fetch(`${workerd.url}/documents/${document}`, {
        method: "PUT",
        body: JSON.stringify({ tree }),
      });
      expect(ok).toBe(true);
      return document;
    },
    tree: (document) => dataOf(workerd.url, document),
    open: (document, ...names) =>
      Promise.all(
        names.map(async (name) => {
          const page = await browser.newPage();
          open.push(page);
          page.on("pageerror", (error) => void failures.push(error));
          page.on("console", (message) => {
            if (message.type() === "error") failures.push(new Error(message.text()));
          });
          await page.goto(`${web.url}/?name=${name}#${document}`);
          await page.waitForSelector(line);
          // ProseMirror takes a move to the very beginning for the browser's doing, and undoes it, 200 ms long after it got the focus.
          await page.waitForTimeout(250);
          return createEditorPage(page, await page.context().newCDPSession(page), line);
        }),
      ),
    async closePages() {
      for (const page of open.splice(0)) await page.close();
    },
    async close() {
      await browser.close();
      await web.close();
      await workerd.kill();
    },
  };
}

function createEditorPage(page: Page, session: CDPSession, line: string): EditorPage {
  return {
    page,
    session,
    lines: () => page.locator(line).evaluateAll((all) => all.map((each) => each.textContent ?? "")),
    caret: () =>
      page.evaluate((line) => {
        const selection = getSelection();
        const all = [...document.querySelectorAll(line)];
        const index = all.findIndex((each) => each.contains(selection?.focusNode ?? null));
        const [here] = [all[index]];
        if (!here || !selection?.focusNode) return [-1, -1] as const;
        const range = document.createRange();
        range.setStart(here, 0);
        range.setEnd(selection.focusNode, selection.focusOffset);
        return [index, range.toString().length] as const;
      }, line),
    caretOf: (name) =>
      page.evaluate(
        ([line, name]) => {
          const label = document.querySelector(`.grove-caret[data-label="${name}"]`);
          if (!label) return null;
          const all = [...document.querySelectorAll(line ?? "")];
          const index = all.findIndex((each) => each.contains(label));
          const [here] = [all[index]];
          if (!here) return null;
          const range = document.createRange();
          range.setStart(here, 0);
          range.setEndBefore(label);
          return [index, range.toString().length] as const;
        },
        [line, name],
      ),
    goTo: (row, at) =>
      page.evaluate(
        async ([line, row, at]) => {
          const here = document.querySelectorAll(line)[row];
          if (!here) throw new Error(`there is no line ${row}`);
          const texts = document.createTreeWalker(here, NodeFilter.SHOW_TEXT);
          let rest = at;
          let node = texts.nextNode();
          for (; node && rest > (node.nodeValue ?? "").length; node = texts.nextNode())
            rest -= (node.nodeValue ?? "").length;
          getSelection()?.collapse(node ?? here, rest);
          // The editor hears of it in a task of its own.
          for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
        },
        [line, row, at] as const,
      ),
    async type(text, every = 0) {
      await page.keyboard.type(text, { delay: every });
    },
  };
}

/** What compositions in a page have ended with, from now on. */
export async function watchCompositions({ page }: EditorPage): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const ends = document.body.appendChild(document.createElement("output"));
    ends.id = "ends";
    addEventListener("compositionend", ({ data }) => ends.append(`${data};`));
  });
  return async () => ((await page.textContent("#ends")) ?? "").split(";").slice(0, -1);
}
