import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { startBrowser } from "./browser.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** The demo page in a real browser against a real server. */
export interface Demo {
  readonly browser: Browser;
  readonly server: ServerProcess;
  /** A window on a document. */
  open(documentId: string, opening?: Opening): Promise<Page>;
  /** Ends the server as kill -9 does. */
  kill(): Promise<void>;
  /** Starts it again, with all that was stored, at the same address. */
  restart(): Promise<void>;
  /** What the scripts of all windows have failed at. */
  readonly failures: readonly Error[];
  end(): Promise<void>;
}

export interface Opening {
  readonly prepare?: (page: Page) => Promise<void>;
  /** Windows of one profile share what they keep; without it this one has a profile of its own. */
  readonly profile?: BrowserContext;
}

export async function startDemo(): Promise<Demo> {
  let server = await startServer();
  const browser = await startBrowser();
  const failures: Error[] = [];
  return {
    browser,
    get server() {
      return server;
    },
    async open(documentId, { prepare, profile } = {}) {
      const context = profile ?? (await browser.newContext());
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await context.newPage();
      page.on("pageerror", (error) => failures.push(error));
      await prepare?.(page);
      await page.goto(`${server.url}/#${documentId}`);
      await page.locator("#state", { hasText: "Connected" }).waitFor();
      return page;
    },
    kill: () => server.kill(),
    async restart() {
      server = await startServer({ directory: server.directory, port: Number(new URL(server.url).port) });
    },
    failures,
    async end() {
      await browser.close();
      await server.kill();
    },
  };
}

/** What stands on the page, a row a line, indented by its level. */
export function outline(page: Page): Promise<string> {
  // As text: the types of a browser are not those of this file.
  return page.evaluate<string>(`
    Array.from(document.querySelectorAll(".row"))
      .map((row) => "  ".repeat(row.style.getPropertyValue("--depth")) + row.querySelector("textarea").value)
      .join("\\n")
  `);
}

export async function expectBoth(pages: readonly Page[], lines: readonly string[]): Promise<void> {
  for (const page of pages) await expect.poll(() => outline(page), { timeout: 20_000 }).toBe(lines.join("\n"));
}

/** Types rows into a window, each by its indentation, beginning at the title. */
export async function write(page: Page, lines: readonly string[]): Promise<void> {
  await page.locator("textarea").first().click();
  let level = 0;
  for (const [index, line] of lines.entries()) {
    const wanted = line.search(/\S/) / 2;
    if (index > 0) await page.keyboard.press("Enter");
    if (index === 1) level = 1;
    for (; level < wanted; level++) await page.keyboard.press("Tab");
    for (; level > wanted; level--) await page.keyboard.press("Shift+Tab");
    await page.keyboard.type(line.trim());
  }
}

export const row = (page: Page, text: string) => page.locator(".row").filter({ hasText: text });
export const edit = (page: Page, text: string) => row(page, text).locator("textarea").click();

/** Pastes into the row that has the focus. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.bringToFront();
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press("Control+v");
}

/** The row that has the focus, with the caret or selection in it. */
export function caretIn(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const { value, selectionStart, selectionEnd } = document.activeElement;
    const selected = selectionStart === selectionEnd ? "|" : "[" + value.slice(selectionStart, selectionEnd) + "]";
    return value.slice(0, selectionStart) + selected + value.slice(selectionEnd);
  })()`);
}
