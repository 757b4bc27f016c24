import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build, type InlineConfig, type PreviewServer, preview } from "vite";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeToken } from "../../scripts/token.ts";
import type { NodeData, Operation } from "../../src/tree/index.ts";
import { startBrowser } from "./browser.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const AUTH_SECRET = "a secret of forty characters, or of more";

// The hooks in a real browser (pages/react) against a real server, on an origin of its own. The page is driven by text,
// as the types of a browser are not those of this file.

let server: ServerProcess;
let site: PreviewServer;
let browser: Browser;
let documents = 0;
const failures: Error[] = [];

beforeAll(async () => {
  const root = "test/e2e/pages/react";
  const outDir = await mkdtemp(join(tmpdir(), "durable-grove-page-"));
  const common: InlineConfig = { root, configFile: false, logLevel: "error" };
  // Only React's development build has effects run twice in Strict Mode.
  const define = { "process.env.NODE_ENV": '"development"' };
  await build({ ...common, define, build: { outDir, emptyOutDir: true } });
  site = await preview({ ...common, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
  server = await startServer({ vars: { ALLOW_ANONYMOUS: "admin", ALLOWED_ORIGINS: "*", AUTH_SECRET } });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.kill();
  await site?.close();
});
afterEach(() => expect(failures.splice(0)).toEqual([]));

interface Shown {
  readonly token?: string;
  readonly strict?: boolean;
  readonly hidden?: boolean;
  readonly at?: number;
}

interface Tab {
  readonly page: Page;
  /** The urls of the connections that were opened, in order. */
  readonly sockets: readonly string[];
  show(documentId: string, how?: Shown): Promise<void>;
  run<Result>(script: string): Promise<Result>;
  /** How often each component was rendered by what `act` does, until `done` is true in the page. */
  rendersDuring(act: () => Promise<unknown>, done: string): Promise<Record<string, number>>;
}

async function openTab(): Promise<Tab> {
  const page = await (await browser.newContext()).newPage();
  const sockets: string[] = [];
  page.on("pageerror", (error) => failures.push(error));
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.goto(site.resolvedUrls?.local[0] ?? "");
  const run = <Result>(script: string) => page.evaluate<Result>(script);
  return {
    page,
    sockets,
    run,
    async show(documentId, how = {}) {
      const url = `${server.url}/documents/${documentId}`;
      await run(`grove.show(${JSON.stringify({ url, ...how })})`);
    },
    async rendersDuring(act, done) {
      await run("grove.forget()");
      await act();
      return run(`grove.rendersUntil(() => ${done})`);
    },
  };
}

async function create(children: number, text = "Plan"): Promise<string> {
  const documentId = `react-${++documents}`;
  const row = (index: number) => ({ id: `n${index}`, type: "item", attrs: { text: `Row ${index}` } });
  const rows = Array.from({ length: children }, (_, index) => row(index));
  const tree: NodeData = { id: "root", type: "list", attrs: { text }, children: rows };
  const answer = await fetch(`${server.url}/documents/${documentId}`, {
    method: "PUT",
    body: JSON.stringify({ tree }),
  });
  expect(answer.status).toBe(201);
  return documentId;
}

/** As somebody else does. */
async function mutate(documentId: string, op: Operation): Promise<void> {
  const url = `${server.url}/documents/${documentId}/mutations`;
  const answer = await fetch(url, { method: "POST", body: JSON.stringify({ ops: [op] }) });
  expect(answer.status).toBe(200);
}

const update = (id: string, text: string): Operation => ({ op: "update", id, attrs: { text } });

async function subscribers(documentId: string): Promise<number> {
  const answer = await fetch(`${server.url}/documents/${documentId}`);
  const info: { subscriberCount: number } = JSON.parse(await answer.text());
  return info.subscriberCount;
}

const live = (tab: Tab) => tab.page.locator("output", { hasText: "live 0" }).waitFor();
const texts = (tab: Tab) => tab.page.locator("li").allTextContents();

test("[R17] in a list of 5 000, what somebody else changes renders what reads it, and nothing else", async () => {
  const documentId = await create(5_000);
  const tab = await openTab();
  await tab.show(documentId);
  await live(tab);
  await tab.page.locator("#n4999").waitFor();

  const elsewhere = (done: string, op: Operation) => tab.rendersDuring(() => mutate(documentId, op), done);
  await tab.run(`{
    const { get } = grove.doc;
    grove.reads = 0;
    grove.doc.get = (id) => (grove.reads++, get(id));
  }`);
  const shows = (id: string, text: string) => `document.getElementById("${id}")?.textContent === "${text}"`;
  expect(await elsewhere(shows("n2500", "Changed"), update("n2500", "Changed"))).toEqual({ "row n2500": 1 });
  const insert = (id: string, parent: string, after: string | null): Operation => ({
    ...{ op: "insert", parent, after },
    node: { id, type: "item", attrs: { text: "New" } },
  });
  // Nor does it ask the others whether they would have to.
  expect(await tab.run("grove.reads")).toBeLessThan(10);
  expect(await elsewhere(shows("n0", "First"), update("n0", "First"))).toEqual({ "row n0": 1, first: 1 });
  expect(await elsewhere(shows("new", "New"), insert("new", "root", "n10"))).toEqual({ list: 1, "row new": 1 });
  expect(await elsewhere("!document.getElementById('new')", { op: "remove", id: "new" })).toEqual({ list: 1 });
  const title = "document.querySelector('h1').textContent === 'Title'";
  expect(await elsewhere(title, update("root", "Title"))).toEqual({ title: 1 });
  expect(await elsewhere("grove.doc.get('deep')", insert("deep", "n1", null))).toEqual({});
});

test("[R17] one's own change renders its row, and with each answer who reads the status", async () => {
  const tab = await openTab();
  await tab.show(await create(3));
  await live(tab);
  const write = (text: string) => () =>
    tab.run(`grove.doc.mutate((tx) => tx.update("n1", { attrs: { text: "${text}" } })).committed.then(() => {})`);
  // The first makes undo possible.
  expect(await tab.rendersDuring(write("One"), "grove.doc.seq === 1")).toEqual({ "row n1": 1, state: 2, history: 1 });
  expect(await tab.rendersDuring(write("Two"), "grove.doc.seq === 2")).toEqual({ "row n1": 1, state: 2 });
  expect(await tab.run<string[]>("grove.shown")).toEqual(expect.arrayContaining(["live 1"]));
  expect((await tab.run<string[]>("grove.shown")).at(-1)).toBe("live 0");
});

test("[R18] Strict Mode opens one connection, and leaves when it is unmounted", async () => {
  const documentId = await create(2);
  const tab = await openTab();
  await tab.show(documentId, { strict: true });
  await live(tab);
  expect(await subscribers(documentId)).toBe(1);
  expect(tab.sockets).toHaveLength(1);
  await mutate(documentId, update("n0", "Changed"));
  await expect.poll(() => texts(tab)).toEqual(["Changed", "Row 1"]);

  await tab.run("grove.hide()");
  await expect.poll(() => subscribers(documentId)).toBe(0);
  expect(await tab.run("grove.doc.status.state")).toBe("closed");
  await tab.show(documentId, { strict: true });
  await live(tab);
  expect(tab.sockets).toHaveLength(2);
});

test.each([true, false])("[R18] another url is another document, at once (Strict Mode: %s)", async (strict) => {
  const [one, two] = [await create(2, "First"), await create(1, "Second")];
  const tab = await openTab();
  await tab.show(one, { strict });
  await live(tab);
  await tab.run("grove.forget()");
  await tab.show(two, { strict });
  await tab.page.locator("h1", { hasText: "Second" }).waitFor();
  await live(tab);
  expect(await texts(tab)).toEqual(["Row 0"]);
  expect(await tab.page.locator("#first").textContent()).toBe("Row 0");
  const titles = (await tab.run<string[]>("grove.shown")).filter((line) => line.includes(": "));
  expect([...new Set(titles)]).toEqual([`${two}: nothing`, `${two}: Second`]);
  await expect.poll(() => subscribers(one)).toBe(0);
  expect(await subscribers(two)).toBe(1);

  await tab.show(one, { strict });
  await tab.page.locator("h1", { hasText: "First" }).waitFor();
  expect(tab.sockets).toHaveLength(3);
});

test("[R18] rendering again with other options keeps the document, and takes the latest token", async () => {
  const documentId = await create(1);
  const tab = await openTab();
  // A client belongs to one user: the names tell the tokens apart.
  const token = (as: string) =>
    makeToken({ sub: "u1", name: as, documents: [documentId], role: "write", hours: 1 }, { AUTH_SECRET });
  const name = () => tab.run("grove.doc.user?.name");
  await tab.show(documentId, { token: token("one") });
  await live(tab);
  expect(await name()).toBe("one");
  await tab.run("grove.first = grove.doc");
  await tab.show(documentId, { token: token("two") });
  await tab.run("grove.doc.connect()");
  await expect.poll(name).toBe("two");
  await live(tab);
  expect(await tab.run("grove.first === grove.doc")).toBe(true);
});

test("[R18] what is hidden and shown again has a document again", async () => {
  const documentId = await create(1);
  const tab = await openTab();
  await tab.show(documentId, { strict: true });
  await live(tab);
  await tab.show(documentId, { strict: true, hidden: true });
  await expect.poll(() => subscribers(documentId)).toBe(0);
  await mutate(documentId, update("n0", "Meanwhile"));
  await tab.show(documentId, { strict: true });
  await expect.poll(() => texts(tab)).toEqual(["Meanwhile"]);
  expect(await subscribers(documentId)).toBe(1);
});

test("[R18] a document of one's own is neither connected nor closed", async () => {
  const documentId = await create(1);
  const tab = await openTab();
  await tab.run(`grove.showGiven("${server.url}/documents/${documentId}")`);
  await tab.page.locator("h1", { hasText: "Plan" }).waitFor();
  await tab.run("grove.hide()");
  await tab.run("new Promise((resolve) => setTimeout(resolve, 50))");
  expect(await tab.run("grove.doc.status.state")).toBe("live");
  expect(tab.sockets).toHaveLength(1);
});

test("[R18] what a server has rendered is taken over as it is, and then shows the document", async () => {
  const documentId = await create(2);
  const tab = await openTab();
  await tab.run(`grove.hydrate("${server.url}/documents/${documentId}")`);
  await expect.poll(() => texts(tab)).toEqual(["Row 0", "Row 1"]);
  expect(await tab.run("grove.shown")).toEqual([`${documentId}: nothing`, `${documentId}: Plan`]);
});

test("[R18] what was done right before it was unmounted is sent", async () => {
  const documentId = await create(2);
  const tab = await openTab();
  await tab.show(documentId);
  await live(tab);
  await tab.run(`new Promise((resolve) => {
    const write = (id) => grove.doc.mutate((tx) => tx.update(id, { attrs: { text: "Last" } }));
    write("n0");
    setTimeout(() => {
      write("n1");
      grove.hide();
      resolve();
    });
  })`);
  await expect.poll(() => subscribers(documentId)).toBe(0);
  const tree = await (await fetch(`${server.url}/documents/${documentId}/tree`)).text();
  expect(tree.match(/"Last"/g)).toHaveLength(2);
});

test("[R17] what one may is there once the server has said it, and renders when that changes", async () => {
  const documentId = await create(1);
  const tab = await openTab();
  let subscriber: string | undefined;
  tab.page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      subscriber ??= /"subscriber":"([^"]+)"/.exec(String(payload))?.[1];
    }),
  );
  await tab.show(documentId);
  await tab.page.locator("#role", { hasText: "admin" }).waitFor();
  await live(tab);
  const shows = "document.getElementById('role').textContent === 'read'";
  const revoke = async () => {
    const body = JSON.stringify({ subscriber, role: "read" });
    const answer = await fetch(`${server.url}/documents/${documentId}/revoke`, { method: "POST", body });
    expect(answer.status).toBe(200);
  };
  expect(await tab.rendersDuring(revoke, shows)).toEqual({ rights: 1 });
});

test("[R12] undo and redo are there when there is something to undo and redo", async () => {
  const tab = await openTab();
  await tab.show(await create(1));
  await live(tab);
  const [undo, redo] = [tab.page.locator("#undo"), tab.page.locator("#redo")];
  const enabled = async () => [await undo.isEnabled(), await redo.isEnabled()];
  expect(await enabled()).toEqual([false, false]);
  await tab.run('grove.doc.mutate((tx) => tx.update("n0", { attrs: { text: "Mine" } }))');
  await expect.poll(enabled).toEqual([true, false]);
  await undo.click();
  await expect.poll(enabled).toEqual([false, true]);
  expect(await texts(tab)).toEqual(["Row 0"]);
  await redo.click();
  await expect.poll(enabled).toEqual([true, false]);
  expect(await texts(tab)).toEqual(["Mine"]);
});

test("[R12] undo is not offered any more when there was nothing left of it to undo", async () => {
  const documentId = await create(1);
  const tab = await openTab();
  await tab.show(documentId);
  await live(tab);
  await tab.run('grove.doc.mutate((tx) => tx.update("n0", { attrs: { text: "Mine" } }))');
  await live(tab);
  await mutate(documentId, update("n0", "Theirs"));
  await expect.poll(() => texts(tab)).toEqual(["Theirs"]);
  await tab.page.locator("#undo").click();
  await expect.poll(() => tab.page.locator("#undo").isEnabled()).toBe(false);
  expect(await texts(tab)).toEqual(["Theirs"]);
});

test("[R13] each sees the others, and renders for them alone", async () => {
  const documentId = await create(1);
  const [one, two] = [await openTab(), await openTab()];
  for (const tab of [one, two]) {
    await tab.show(documentId);
    await live(tab);
  }
  const people = (tab: Tab) => tab.page.locator("#people").textContent();
  await two.run("grove.present({ name: 'Two' })");
  await expect.poll(() => people(one)).toBe('[{"name":"Two"}]');
  expect(await one.rendersDuring(() => one.run("grove.present({ name: 'One' })"), "true")).toEqual({});
  await expect.poll(() => people(two)).toBe('[{"name":"One"}]');
  await two.run("grove.hide()");
  await expect.poll(() => people(one)).toBe("[]");
});

test("[V100] [V102] a list of the history goes on, and the same hooks read a moment, in Strict Mode and when it was hidden", async () => {
  const documentId = await create(2);
  await mutate(documentId, update("n0", "One"));
  const tab = await openTab();
  const then = () => tab.page.locator("#then").textContent();
  await tab.show(documentId, { strict: true, at: 0 });
  await expect.poll(then).toBe("1  Plan: 2, Row 0");
  await mutate(documentId, update("n0", "Two"));
  await mutate(documentId, { op: "remove", id: "n1" });
  await expect.poll(then, { timeout: 10_000 }).toBe("3,2,1  Plan: 2, Row 0");
  await tab.show(documentId, { strict: true, at: 3, hidden: true });
  await tab.show(documentId, { strict: true, at: 3 });
  await expect.poll(then).toBe("3,2  Plan: 1, Two");
  await tab.show(documentId, { strict: true, at: 99 });
  await expect.poll(then).toBe("3,2 invalid Plan: 1, Two");
  expect(await texts(tab)).toEqual(["Two"]);
});
