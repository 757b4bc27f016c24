import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openDocument, type TreeDocument } from "../../src/client/index.ts";
import { LIMITS } from "../../src/protocol/index.ts";
import { startBrowser } from "./browser.ts";
import { type Cable, layCable } from "./cable.ts";
import { historyOf } from "./http.ts";
import { buildPage, type PageServer, pageFile, servePage } from "./page-server.ts";
import { traceTasks } from "./page-tasks.ts";
import type {} from "./pages/client/main.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd-process.ts";

// The client in real Chromium, against the real Worker.

let workerd: WorkerdProcess;
let browser: Browser;
let folder: string;
const left: (() => Promise<unknown>)[] = [];
let documents = 0;

beforeAll(async () => {
  workerd = await startWorkerd();
  folder = await buildPage("client");
  browser = await startBrowser();
});
afterEach(async () => {
  for (const leave of left.splice(0).reverse()) await leave();
});
afterAll(async () => {
  await browser?.close();
  await workerd?.kill();
});

/** A browser profile whose network can go away, and somebody else on another machine, in the same document. */
interface Scene {
  readonly context: BrowserContext;
  readonly other: TreeDocument;
  /** A page of the profile on the document; resolves when there is a tree to see. */
  open(persist?: "persist"): Promise<Page>;
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
  /** The ids that were inserted, in the order of the document's history. */
  inserted(): Promise<string[]>;
}

async function createScene(): Promise<Scene> {
  const document = `client-${++documents}`;
  const url = `${workerd.url}/documents/${document}`;
  await fetch(url, { method: "PUT", body: JSON.stringify({ tree: { id: "root", type: "list" } }) });
  const cable: Cable = await layCable(workerd.url);
  const web: PageServer = await servePage(folder, cable.url);
  const context = await browser.newContext();
  const other = openDocument(url);
  left.push(cable.close, web.close, () => context.close(), other.close);
  await other.loaded;
  // The page itself is there without a network, as with a service worker.
  await context.route(
    ({ pathname }) => !pathname.startsWith("/documents/"),
    async (route) => {
      const { type, body } = await pageFile(folder, new URL(route.request().url()).pathname);
      await route.fulfill({ contentType: type, body });
    },
  );
  return {
    context,
    other,
    async open(persist) {
      const page = await context.newPage();
      page.on("pageerror", (error) => failures.push(error));
      await page.goto(`${web.url}/?document=${document}${persist ? "&persist" : ""}`);
      await page.evaluate(() => window.stage.doc.loaded);
      return page;
    },
    async goOffline() {
      cable.cut();
      await context.setOffline(true);
    },
    async goOnline() {
      cable.mend();
      await context.setOffline(false);
    },
    async inserted() {
      const history = await historyOf(workerd.url, document);
      expect(new Set(history.map(({ client, mutation }) => `${client} ${mutation}`)).size).toBe(history.length);
      return history.flatMap(({ ops }) => ops.flatMap((effect) => (effect.op === "insert" ? [effect.node.id] : [])));
    },
  };
}
const failures: Error[] = [];

const insert = (page: Page, ...ids: string[]) => page.evaluate((all) => all.forEach(window.stage.insert), ids);
const idsIn = (page: Page) => page.evaluate(() => window.stage.doc.children());
const statusOf = (page: Page) => page.evaluate(() => window.stage.doc.status.state);
const problemsIn = (page: Page) => page.evaluate(() => window.stage.problems);
const expectStatus = (page: Page, state: string) => expect.poll(() => statusOf(page), { timeout: 20_000 }).toBe(state);
const allSent = (page: Page) => page.evaluate(() => window.stage.allSent());

async function expectEverywhere(scene: Scene, pages: readonly Page[], ids: readonly string[]): Promise<void> {
  for (const page of pages) await expect.poll(() => idsIn(page), { timeout: 20_000 }).toEqual(ids);
  await expect.poll(() => scene.other.children(), { timeout: 20_000 }).toEqual(ids);
  expect((await scene.inserted()).toSorted()).toEqual(ids.toSorted());
  for (const page of pages) expect(await problemsIn(page)).toEqual([]);
  expect(failures).toEqual([]);
}

/** How many mutations the profile keeps, as another page of it finds them. */
async function countKept(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { promise, resolve, reject } = Promise.withResolvers<IDBValidKey[]>();
    const opening = indexedDB.open("durable-grove");
    opening.onerror = reject;
    opening.onsuccess = () => {
      const keys = opening.result.transaction("entries").objectStore("entries").getAllKeys();
      keys.onerror = reject;
      keys.onsuccess = () => {
        opening.result.close();
        resolve(keys.result);
      };
    };
    return (await promise).filter((key) => String(key).includes("/pending/")).length;
  });
}

/** Ends the page's process, unasked. */
async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  // Never answered: nobody is left to do it.
  session.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}

test("R10 what was made offline is there when the page is opened again offline, and reaches everyone once", async () => {
  const scene = await createScene();
  const first = await scene.open("persist");
  await insert(first, "a", "b");
  await allSent(first);
  await scene.goOffline();
  await expectStatus(first, "offline");
  await insert(first, "c");
  await first.evaluate(() => window.stage.doc.mutate((tx) => tx.move("a", { parent: "root", after: "c" })));
  await first.close();

  const second = await scene.open("persist");
  expect(await idsIn(second)).toEqual(["b", "c", "a"]);
  expect(await second.evaluate(() => window.stage.doc.pending)).toBe(2);
  expect(await statusOf(second)).not.toBe("live");
  await insert(second, "d");
  // Nothing of it has come through.
  expect(scene.other.children()).toEqual(["a", "b"]);

  await scene.goOnline();
  await allSent(second);
  await expectEverywhere(scene, [second], ["b", "c", "a", "d"]);
  await insert(second, "e");
  await expectEverywhere(scene, [second], ["b", "c", "a", "d", "e"]);
});

test("R11 two tabs of one profile edit side by side, and one alone shows and sends what both have left", async () => {
  const scene = await createScene();
  const tabs = [await scene.open("persist"), await scene.open("persist")];
  const [one, two] = [tabs[0] ?? expect.fail(), tabs[1] ?? expect.fail()];
  await insert(one, "one-online");
  await expect.poll(() => idsIn(two)).toEqual(["one-online"]);
  await insert(two, "two-online");
  await expectEverywhere(scene, tabs, ["one-online", "two-online"]);

  await scene.goOffline();
  for (const tab of tabs) await expectStatus(tab, "offline");
  await insert(one, "one-1", "one-2");
  await insert(two, "two-1", "two-2");
  expect(await idsIn(one)).toEqual(["one-online", "two-online", "one-1", "one-2"]);
  expect(await idsIn(two)).toEqual(["one-online", "two-online", "two-1", "two-2"]);
  for (const tab of tabs) expect(await problemsIn(tab)).toEqual([]);
  for (const tab of tabs) await tab.close();

  const alone = await scene.open("persist");
  const shown = await idsIn(alone);
  expect(shown.toSorted()).toEqual(["one-1", "one-2", "one-online", "two-1", "two-2", "two-online"]);
  await scene.goOnline();
  await allSent(alone);
  // Among the tabs the order is that of the server; what one of them made stays in order.
  const ids = await idsIn(alone);
  expect(ids.filter((id) => id.startsWith("one"))).toEqual(["one-online", "one-1", "one-2"]);
  expect(ids.filter((id) => id.startsWith("two"))).toEqual(["two-online", "two-1", "two-2"]);
  await expectEverywhere(scene, [alone], ids);
});

test.each(["in memory", "persist"] as const)(
  "R4, R14 10 000 mutations made offline, %s, are committed once and in order, in many short tasks",
  async (kept) => {
    const count = 10_000;
    const scene = await createScene();
    const page = await scene.open(kept === "persist" ? kept : undefined);
    await scene.goOffline();
    await expectStatus(page, "offline");

    const making = await traceTasks(browser, page, () =>
      page.evaluate((count) => window.stage.insertMany("n", count, 100), count),
    );
    expect(await page.evaluate(() => window.stage.doc.pending)).toBe(count);
    const began = Date.now();
    const sending = await traceTasks(browser, page, async () => {
      await scene.goOnline();
      await allSent(page);
    });
    const seconds = (Date.now() - began) / 1000;
    console.log(
      `${kept}: longest task ${making.longest} ms making, ${sending.longest} ms sending; sent in ${seconds} s`,
    );

    const ids = Array.from({ length: count }, (_, index) => `n${index}`);
    await expectEverywhere(scene, [page], ids);
    expect(await scene.inserted()).toEqual(ids);
    // How long each took is told above: that depends on what else the machine does. Each has a frame at most.
    for (const { count: tasks } of [making, sending]) expect(tasks).toBeGreaterThan(count / LIMITS.mutationsPerFrame);
  },
);

test("R14 a task that is too long would be found", async () => {
  const scene = await createScene();
  const page = await scene.open();
  const { longest } = await traceTasks(browser, page, () =>
    page.evaluate(() => {
      for (const end = performance.now() + 60; performance.now() < end; );
    }),
  );
  expect(longest).toBeGreaterThanOrEqual(60);
});

test("R10 what was kept when a page crashed offline comes back, in order, and nothing else of it", async () => {
  const scene = await createScene();
  // Of the same profile, to look into what is kept.
  const witness = await scene.open();
  const first = await scene.open("persist");
  await scene.goOffline();
  await expectStatus(first, "offline");
  await first.evaluate(() => window.stage.insertMany("n", 50, 50));
  await expect.poll(() => countKept(witness)).toBe(50);
  await first.evaluate(() => window.stage.insertMany("n", 5, 1));
  await first.evaluate(() => window.stage.insertMany("m", 2_000, 2_000));
  await crash(first);

  const second = await scene.open("persist");
  const shown = await idsIn(second);
  console.log(`${shown.length} of 2 055 had been kept`);
  expect(shown.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => `n${index}`));
  await insert(second, "after");
  await scene.goOnline();
  await allSent(second);
  await expectEverywhere(scene, [second], [...shown, "after"]);
});

test("R4, R10 what was acknowledged when a page crashed is there, and what was on its way is there once", async () => {
  const scene = await createScene();
  const first = await scene.open("persist");
  await expectStatus(first, "live");
  await first.evaluate(() => window.stage.insertMany("n", 2_000, 100));
  await expect.poll(() => first.evaluate(() => window.stage.doc.pending), { interval: 1 }).toBeLessThan(1_500);
  const acknowledged = 2_000 - (await first.evaluate(() => window.stage.doc.pending));
  await crash(first);

  const second = await scene.open("persist");
  await insert(second, "after");
  await allSent(second);
  const ids = await idsIn(second);
  console.log(`${acknowledged} of 2 000 had been acknowledged, ${ids.length - 1} were kept`);
  expect(ids.length).toBeGreaterThan(acknowledged);
  const made = Array.from({ length: ids.length - 1 }, (_, index) => `n${index}`);
  await expectEverywhere(scene, [second], [...made, "after"]);
});
