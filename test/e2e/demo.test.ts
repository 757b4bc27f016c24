import type { Page, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Demo, edit, expectBoth, paste, row, startDemo, write } from "./demo-page.ts";
import { startServer } from "./server-process.ts";

// The demo page in a real browser against a real server.

let demo: Demo;
let documents = 0;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo?.end());

async function openTwo(): Promise<[Page, Page]> {
  const documentId = `demo-${++documents}`;
  return [await demo.open(documentId), await demo.open(documentId)];
}

test("what one window types, indents, moves and removes is in the other", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack", "    Coat", "      Gloves", "  Tickets"]);
  await expectBoth([one, two], ["Trip", "  Pack", "    Coat", "      Gloves", "  Tickets"]);

  await two.locator("textarea").last().click();
  await two.keyboard.press("Alt+ArrowUp");
  await two.keyboard.press("End");
  await two.keyboard.type("!");
  await expectBoth([one, two], ["Trip", "  Tickets!", "  Pack", "    Coat", "      Gloves"]);

  await two.keyboard.press("Alt+ArrowUp"); // the first one has nowhere to go
  for (let letters = "Tickets!".length; letters >= 0; letters--) await two.keyboard.press("Backspace");
  await expectBoth([one, two], ["Trip", "  Pack", "    Coat", "      Gloves"]);
  await two.keyboard.type("s");
  await edit(one, "Coat");
  await one.keyboard.press("Control+Shift+Backspace");
  await expectBoth([one, two], ["Trips", "  Pack"]);
  expect(demo.failures).toEqual([]);
});

test("each sees who else is there, and where", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack"]);
  await expect.poll(() => two.locator("#people li").count()).toBe(2);
  const caret = row(two, "Pack").locator(".mirror i");
  await expect.poll(() => caret.getAttribute("data-name")).toMatch(/^Guest [0-9a-z]{4}$/);
  const name = await caret.getAttribute("data-name");
  expect(await one.locator("#people").textContent()).toContain(`${name} (you)`);

  // The name goes after a while, and what is under it can be clicked at any time.
  await expect
    .poll(() => caret.evaluate("getComputedStyle(document.querySelector('.mirror i'), '::after').opacity"), {
      timeout: 10_000,
    })
    .toBe("0");
  await caret.evaluate("document.activeElement.blur()");
  const { x, y, height } = (await caret.boundingBox()) ?? { x: 0, y: 0, height: 0 };
  await two.mouse.click(x, y + height / 2);
  expect(await two.evaluate("document.activeElement.value")).toBe("Pack");

  await one.keyboard.press("ArrowUp");
  await expect.poll(() => row(two, "Trip").locator(".mirror i").count()).toBe(1);
  expect(await caret.count()).toBe(0);
  await one.close();
  await expect.poll(() => two.locator("#people li").count()).toBe(1);
});

test("focus and caret stay while others write around them and into the same row", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack", "  Tickets", "  Money"]);
  await expectBoth([two], ["Trip", "  Pack", "  Tickets", "  Money"]);
  await edit(two, "Tickets");
  await two.keyboard.press("Home");
  for (const _ of "Tick") await two.keyboard.press("ArrowRight");

  await edit(one, "Tickets");
  await one.keyboard.press("Alt+ArrowDown");
  await one.keyboard.press("Alt+ArrowUp");
  await one.keyboard.press("Alt+ArrowUp");
  await one.keyboard.press("Tab"); // the first one stays
  await one.keyboard.press("Home");
  await one.keyboard.type("My ");
  await expectBoth([one, two], ["Trip", "  My Tickets", "  Pack", "  Money"]);
  await two.keyboard.type("-");
  await expectBoth([one, two], ["Trip", "  My Tick-ets", "  Pack", "  Money"]);
});

/** Two windows, of which the second hears nothing as long as its line is held. */
async function openOneDeaf() {
  const documentId = `demo-${++documents}`;
  let held: (() => void)[] | null = null;
  const one = await demo.open(documentId);
  const two = await demo.open(documentId, {
    prepare: (page) =>
      page.routeWebSocket(/documents/, (route: WebSocketRoute) => {
        const upstream = route.connectToServer();
        upstream.onMessage((data) => (held ? held.push(() => route.send(data)) : route.send(data)));
      }),
  });
  const hold = () => {
    held = [];
  };
  /** Lets through what has come, after time enough for the answers to what two has done. */
  const release = async () => {
    await two.waitForTimeout(500);
    for (const each of held ?? []) each();
    held = null;
  };
  return { one, two, hold, release, says: () => two.locator("#toasts p").allTextContents() };
}

test("what became of a change that met a removal is said in words", async () => {
  const { one, two, hold, release, says } = await openOneDeaf();
  await write(one, ["Trip", "  Pack", "  Coat"]);
  await expectBoth([two], ["Trip", "  Pack", "  Coat"]);

  // While two hears nothing, one removes the row that two then puts another one into.
  hold();
  await edit(one, "Pack");
  await one.keyboard.press("Control+Shift+Backspace");
  await edit(two, "Coat");
  await two.keyboard.press("Tab");
  await expectBoth([two], ["Trip", "  Pack", "    Coat"]);
  await release();
  await expectBoth([one, two], ["Trip", "  Coat"]);
  await expect
    .poll(says)
    .toEqual([
      expect.stringMatching(
        /^Your row “Coat” was moved to the top level, because its parent “Pack” was removed by Guest [0-9a-z]{4}\.$/,
      ),
    ]);
});

test("what was written into a removed row, kept from a removal, or refused is said in words", async () => {
  const { one, two, hold, release, says } = await openOneDeaf();
  await write(one, ["Trip", "  Pack", "  Coat"]);
  await expectBoth([two], ["Trip", "  Pack", "  Coat"]);

  hold();
  await edit(one, "Pack");
  await one.keyboard.press("Alt+ArrowDown");
  await one.keyboard.press("Tab");
  await expectBoth([one], ["Trip", "  Coat", "    Pack"]);
  await edit(two, "Coat");
  await two.keyboard.press("Tab");
  await release();
  await expectBoth([one, two], ["Trip", "  Coat", "    Pack"]);
  const undone = /^Your move was undone: Guest [0-9a-z]{4} moved the other row into this one first\.$/;
  await expect.poll(says).toEqual([expect.stringMatching(undone)]);

  hold();
  await one.keyboard.press("Control+Shift+Backspace");
  await edit(two, "Pack");
  await two.keyboard.press("End");
  await two.keyboard.type("s");
  await release();
  await expectBoth([one, two], ["Trip", "  Coat"]);
  const kept = /^Your row “Packs” was removed by Guest [0-9a-z]{4}\. Your change is kept with it\.Bring it back$/;
  await expect.poll(async () => (await says()).at(-1)).toMatch(kept);

  hold();
  await edit(one, "Coat");
  await one.keyboard.press("Enter");
  await one.keyboard.type("Boots");
  await one.keyboard.press("Tab");
  await expectBoth([one], ["Trip", "  Coat", "    Boots"]);
  await edit(two, "Coat");
  await two.keyboard.press("Control+Shift+Backspace");
  await release();
  await expectBoth([one, two], ["Trip", "  Boots"]);
  await expect
    .poll(says)
    .toContain("“Boots” was kept and moved to the top level: somebody had put it into what you removed.");
  expect(demo.failures).toEqual([]);
});

test("pasted lines become rows, and what is too long is refused before it is sent", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack", "  Money"]);
  await edit(one, "Pack");
  await one.keyboard.press("End");
  await one.keyboard.press("ArrowLeft");
  await paste(one, "s\r\n  Coat\n\nTic\n");
  await one.keyboard.type("-");
  const lines = ["Trip", "  Pacs", "  Coat", "  Tic-k", "  Money"];
  await expectBoth([one, two], lines);

  await paste(one, "x".repeat(1_200_000));
  await expect.poll(() => one.locator("#toasts p").textContent()).toMatch(/^A row takes at most 100 000 characters\./);
  await paste(one, "row\n".repeat(30_000));
  await expect.poll(() => one.locator("#toasts p").last().textContent()).toMatch(/^That is too much at once/);
  await expectBoth([one, two], lines);
  await one.keyboard.type("!");
  await expectBoth([one, two], lines.with(3, "  Tic-!k"));
  expect(demo.failures).toEqual([]);
});

test("nodes made elsewhere show their name or their type, and an edit changes what is shown", async () => {
  const documentId = `demo-${++documents}`;
  const address = `${demo.server.url}/documents/${documentId}`;
  const file = { id: "file", type: "file", attrs: { name: "a.txt" } };
  const children = [file, { id: "line", type: "line" }];
  await fetch(address, { method: "PUT", body: JSON.stringify({ tree: { id: "top", type: "folder", children } }) });
  const page = await demo.open(documentId);
  await expectBoth([page], ["", "  a.txt", "  "]);
  expect(await page.locator("textarea").last().getAttribute("placeholder")).toBe("line");

  await edit(page, "a.txt");
  await page.keyboard.press("End");
  await page.keyboard.type("!");
  await page.locator("textarea").last().click();
  await page.keyboard.type("new");
  const tree = async () => JSON.stringify(await (await fetch(`${address}/tree`)).json());
  await expect.poll(tree).toContain('"attrs":{"text":"new"}');
  expect(await tree()).toContain('"attrs":{"name":"a.txt!"}');
});

test("a removed row can be brought back, and who was in it types into no other row, and loses nothing", async () => {
  const [one, two] = await openTwo();
  const lines = ["Trip", "  Pack", "  Coat", "    Gloves", "  Money"];
  await write(one, lines);
  await expectBoth([two], lines);
  await edit(two, "Gloves");
  await two.keyboard.press("End");
  await two.keyboard.type("!");
  await expectBoth([one], lines.with(3, "    Gloves!"));
  await two.keyboard.press("ArrowLeft");
  await edit(one, "Coat");
  await one.keyboard.press("Control+Shift+Backspace");
  await expectBoth([one, two], ["Trip", "  Pack", "  Money"]);
  await two.keyboard.type(" of wool");
  expect(await two.locator("#toasts p").allTextContents()).toEqual([
    expect.stringMatching(/^Your row “Gloves!” was removed by Guest [0-9a-z]{4}\.Bring it back$/),
  ]);
  await expectBoth([one, two], ["Trip", "  Pack", "  Money"]);
  await two.locator("#toasts button").click();
  await two.keyboard.type(",");
  await expectBoth([one, two], lines.with(3, "    Gloves of wool,!"));
  await edit(one, "Coat");
  await one.keyboard.press("Control+Shift+Backspace");
  await expectBoth([one, two], ["Trip", "  Pack", "  Money"]);

  expect(await one.locator("#toasts p").textContent()).toBe("The row “Coat” was removed, with 1 below it.Undo");
  await one.locator("#toasts button").click();
  await expectBoth([one, two], lines.with(3, "    Gloves of wool,!"));
  await expect.poll(() => one.locator("#toasts p").count()).toBe(0);
  expect(demo.failures).toEqual([]);
});

test("the legend does what it says in the row that one is in", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  PackCoat"]);
  for (const _ of "Coat") await one.keyboard.press("ArrowLeft");
  const press = (label: string) => one.locator("#legend button", { hasText: label }).click();
  await press("new row");
  await expectBoth([one, two], ["Trip", "  Pack", "  Coat"]);
  await press("indent");
  await expectBoth([one, two], ["Trip", "  Pack", "    Coat"]);
  await press("join");
  await expectBoth([one, two], ["Trip", "  PackCoat"]);
  await press("undo");
  await expectBoth([one, two], ["Trip", "  Pack", "    Coat"]);

  await edit(one, "Pack");
  await one.keyboard.press("Escape");
  await one.keyboard.press("Tab");
  expect(await one.evaluate("document.activeElement.closest('#legend') !== null")).toBe(true);
  await one.keyboard.press("Enter");
  await expectBoth([one, two], ["Trip", "  Pack", "    ", "    Coat"]);
  expect(demo.failures).toEqual([]);
});

test("undo and redo by keyboard take what was typed in one go, and leave and name what somebody else has changed", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack", "  Money"]);
  await one.keyboard.press("Tab");
  await expectBoth([one, two], ["Trip", "  Pack", "    Money"]);
  await one.keyboard.press("Control+z");
  await expectBoth([one, two], ["Trip", "  Pack", "  Money"]);
  await one.keyboard.press("Control+z");
  await expectBoth([one, two], ["Trip", "  Pack", "  "]);
  await one.keyboard.press("Control+Shift+Z");
  await expectBoth([one, two], ["Trip", "  Pack", "  Money"]);
  await one.keyboard.press("Control+Shift+Z");
  await expectBoth([one, two], ["Trip", "  Pack", "    Money"]);

  await one.locator("#undo button").first().click();
  await expectBoth([one, two], ["Trip", "  Pack", "  Money"]);
  await edit(two, "Money");
  await two.keyboard.press("End");
  await two.keyboard.type("!");
  await expectBoth([one, two], ["Trip", "  Pack", "  Money!"]);
  // What the other has written stays.
  await edit(one, "Money");
  await one.keyboard.press("Control+z");
  await expectBoth([one, two], ["Trip", "  Pack", "  !"]);
  await one.keyboard.press("Tab");
  await expectBoth([one, two], ["Trip", "  Pack", "    !"]);
  await two.keyboard.press("Shift+Tab");
  await expectBoth([one, two], ["Trip", "  Pack", "  !"]);
  await one.keyboard.press("Control+z");
  await expect
    .poll(() => one.locator("#toasts p").allTextContents())
    .toEqual(["The row “!” was not undone: somebody else has changed it since."]);
  await expectBoth([one, two], ["Trip", "  Pack", "  !"]);
  expect(demo.failures).toEqual([]);
});

test("what a window could not send before it was closed is shown and sent by the next one", async () => {
  const profile = await demo.browser.newContext();
  const documentId = `demo-${++documents}`;
  const before = await demo.open(documentId, { profile });
  await write(before, ["Trip", "  Pack"]);
  await expect.poll(() => before.locator(".saving").count()).toBe(0);
  await demo.kill();
  await before.locator("#state", { hasText: /^Offline: .+ – what you write is sent later$/ }).waitFor();
  await before.keyboard.press("Enter");
  await before.keyboard.type("x");
  await before.locator("#state", { hasText: /^Offline: .+ – 2 changes not sent yet$/ }).waitFor();
  await before.waitForTimeout(500); // a change is kept a few milliseconds after it was made
  await before.close();

  await demo.restart();
  // One that hears nothing from the server shows it, so it is what was kept.
  const deaf = await profile.newPage();
  await deaf.routeWebSocket(/documents/, () => {});
  await deaf.goto(`${demo.server.url}/#${documentId}`);
  await expectBoth([deaf], ["Trip", "  Pack", "  x"]);
  await deaf.close();
  await expectBoth([await demo.open(documentId, { profile }), await demo.open(documentId)], ["Trip", "  Pack", "  x"]);
  expect(demo.failures).toEqual([]);
});

test("a deployment that nobody has opened yet says so on the page, and how to", async () => {
  const closed = await startServer({ vars: {} });
  const page = await (await demo.browser.newContext()).newPage();
  await page.goto(`${closed.url}/#demo-${++documents}`);
  const text = /^Offline: nobody may use this deployment yet: .*AUTH_SECRET.*ALLOW_ANONYMOUS/;
  await page.locator("#state", { hasText: text }).waitFor({ timeout: 20_000 });
  await page.close();
  await closed.kill();
});

test("a window follows its address to another document, and without one makes a document of its own", async () => {
  const page = await demo.open(`demo-${++documents}`);
  await write(page, ["Trip"]);
  await page.evaluate(`location.hash = "demo-${++documents}"`);
  await expectBoth([page], [""]);
  await page.goBack();
  await expectBoth([page], ["Trip"]);

  const fresh = await demo.open("");
  expect(new URL(fresh.url()).hash).toMatch(/^#[0-9a-z]{20}$/);
  await expectBoth([fresh], [""]);
});

test("both windows go on after the server was killed and started again", async () => {
  const [one, two] = await openTwo();
  await write(one, ["Trip", "  Pack"]);
  await expectBoth([one, two], ["Trip", "  Pack"]);
  const top = () => one.evaluate<number>(`document.querySelector("main").getBoundingClientRect().top`);
  const before = await top();
  await demo.kill();
  for (const page of [one, two]) await page.locator("#state", { hasText: "Offline" }).waitFor();
  expect(await top(), "the page has not moved").toBe(before);

  await one.keyboard.press("Enter");
  await one.keyboard.type("Tickets");
  await edit(two, "Pack");
  await two.keyboard.press("End");
  await two.keyboard.type(" all");
  expect(await one.locator("#state").textContent()).toMatch(/^Offline: .+ – 2 changes not sent yet$/);

  await demo.restart();
  await expectBoth([one, two], ["Trip", "  Pack all", "  Tickets"]);
  for (const page of [one, two]) await page.locator("#state", { hasText: "Connected" }).waitFor();
  await one.keyboard.type("!");
  await expectBoth([one, two], ["Trip", "  Pack all", "  Tickets!"]);
  await expect.poll(() => two.locator("#people li").count()).toBe(2);
  expect(demo.failures).toEqual([]);
});
