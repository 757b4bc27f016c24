import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Demo, edit, expectBoth, row, startDemo, write } from "./demo-page.ts";

// The history in the demo, in a real browser against a real server.

let demo: Demo;
let documents = 0;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo?.end());

/** Two windows on a document, in which each has done something. */
async function openTwo(): Promise<[Page, Page]> {
  const documentId = `history-${++documents}`;
  const [one, two] = [await demo.open(documentId), await demo.open(documentId)];
  await write(one, ["Trip", "  Pack", "  Coat"]);
  await expectBoth([two], ["Trip", "  Pack", "  Coat"]);
  await edit(two, "Pack");
  await two.keyboard.press("End");
  await two.keyboard.type("ing list");
  await edit(two, "Coat");
  await two.keyboard.press("Control+Shift+Backspace");
  await expectBoth([one, two], ["Trip", "  Packing list"]);
  return [one, two];
}

const openHistory = (page: Page) => page.locator("#past").click();
/** What the preview shows, a row a line: struck in brackets, underlined in braces. */
const shown = (page: Page) =>
  page.evaluate<string>(`
    Array.from(document.querySelectorAll("#history .past"), (row) => Array.from(row.childNodes, (piece) =>
      piece.nodeName === "DEL" ? "[" + piece.textContent + "]" : piece.nodeName === "INS" ? "{" + piece.textContent + "}" :
      piece.nodeName === "SMALL" ? "" : piece.textContent).join("")).join("\\n")
  `);
const expectShown = (page: Page, lines: readonly string[]) => expect.poll(() => shown(page)).toBe(lines.join("\n"));
/** Moves the slider to a place of its length, 0 to 1, as a hand would. */
const slide = (page: Page, to: number) =>
  page.evaluate(`{
    const input = document.querySelector(".slide input");
    const { min, max } = input;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, Math.round(+min + ${to} * (max - min)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }`);

test("V110 the slider shows any moment, what was done then in the colour of who did it, and what a restore changes", async () => {
  const [one, two] = await openTwo();
  const name = await two.evaluate<string>("window.name");
  await openHistory(one);
  await expectShown(one, ["Trip", "Pack{ing list}", "[Coat]"]);
  await expect
    .poll(() => one.locator("#moment").textContent())
    .toMatch(new RegExp(`^Event (\\d+) of \\1, .*: ${name} `));
  const color = (page: Page) =>
    page.evaluate<string>("document.querySelector('ins').style.getPropertyValue('--color')");
  const theirs = await color(one);

  await one.locator("aside li button").last().click();
  await expectShown(one, ["{Trip}", "{Pack}", "{Coat}"]);
  expect(await color(one)).not.toBe(theirs);
  await one.getByLabel("what restoring changes").check();
  await expectShown(one, ["Trip", "Pack[ing list]", "{Coat}"]);

  await one.locator(".slide input").focus();
  await one.keyboard.press("Home");
  await expectShown(one, ["[Trip]", "Packing list"]);
  await one.getByLabel("without what came since").check();
  await expectShown(one, ["[Trip]", "[Packing list]"]);
  await one.keyboard.press("Escape");
  await expectBoth([one], ["Trip", "  Packing list"]);
  expect(demo.failures).toEqual([]);
});

test("V110 without a connection nothing pretends to be the moment, or to be restored, and it comes when that is back", async () => {
  const [one] = await openTwo();
  await openHistory(one);
  await expectShown(one, ["Trip", "Pack{ing list}", "[Coat]"]);
  await one.context().setOffline(true);
  await one.locator(".slide input").focus();
  await one.keyboard.press("Home");
  await one.locator("main [role=alert]", { hasText: "Event 0 cannot be shown" }).waitFor();
  expect(await one.locator("#moment").textContent()).toMatch(/^Event 0 of \d+ is not shown$/);
  expect(await one.getByRole("button", { name: "Restore all" }).isEnabled()).toBe(false);
  await one.context().setOffline(false);
  await expect.poll(() => one.locator("#moment").textContent(), { timeout: 15_000 }).toMatch(/: the beginning$/);
  expect(await one.locator("main [role=alert]").count()).toBe(0);
  expect(demo.failures).toEqual([]);
});

test("V111 a branch or all is restored, a restore is undone, a row comes back from the bin, a moment gets a name", async () => {
  const [one, two] = await openTwo();
  await openHistory(one);
  await one.locator("aside li button").last().click();
  await expectShown(one, ["{Trip}", "{Pack}", "{Coat}"]);
  const pack = row(one, "Pack");
  await pack.hover();
  await pack.getByRole("button", { name: "Restore" }).click();
  await expectBoth([two], ["Trip", "  Pack"]);
  await one.locator("#toasts").getByRole("button", { name: "Undo" }).click();
  await expectBoth([two], ["Trip", "  Packing list"]);
  await one.getByRole("button", { name: "Redo" }).click();
  await expectBoth([two], ["Trip", "  Pack"]);
  await openHistory(one);
  await edit(one, "Trip");
  await one.keyboard.type(" on");
  await expectBoth([two], ["Trip on", "  Pack"]);
  await one.keyboard.press("Control+z");
  await expectBoth([two], ["Trip", "  Pack"]);
  await one.keyboard.press("Control+z");
  await expectBoth([two], ["Trip", "  Packing list"]);

  await openHistory(one);
  await one.getByRole("button", { name: "Bin" }).click();
  await one.getByLabel("Find what was removed").fill("coa");
  await one.getByRole("button", { name: "Put back" }).click();
  await expectBoth([two], ["Trip", "  Packing list", "  Coat"]);

  await one.getByRole("button", { name: "Versions" }).click();
  await one.getByLabel("A name for this moment").fill("All packed");
  await one.keyboard.press("Enter");
  const named = one.locator("aside li button", { hasText: "All packed" });
  await named.waitFor();
  const field = one.getByLabel("A name for this moment");
  await field.fill("All packed");
  await one.keyboard.press("Enter");
  await one.locator("#toasts", { hasText: "there is a version" }).waitFor();
  expect(await field.inputValue()).toBe("All packed");
  await one.getByRole("button", { name: "Delete" }).click();
  await named.waitFor({ state: "detached" });
  await one.locator("#toasts p", { hasText: "was deleted" }).getByRole("button", { name: "Undo" }).click();
  await named.waitFor();
  await edit(two, "Coat");
  await two.keyboard.press("Control+Shift+Backspace");
  await expectBoth([two], ["Trip", "  Packing list"]);
  await named.click();
  await expect.poll(() => shown(one)).toContain("{Coat}");
  await one.getByRole("button", { name: "Restore all" }).click();
  await expectBoth([two], ["Trip", "  Packing list", "  Coat"]);
  expect(demo.failures).toEqual([]);
});

test("V111 a row that comes back into a removed one says so, leaves the list at once, and that comes back, too", async () => {
  const page = await demo.open(`history-${++documents}`);
  await write(page, ["Trip", "  Pack", "    Eggs"]);
  for (const gone of ["Eggs", "Pack"]) {
    await edit(page, gone);
    await page.keyboard.press("Control+Shift+Backspace");
  }
  await openHistory(page);
  await page.getByRole("button", { name: "Bin" }).click();
  const eggs = page.locator("aside li", { hasText: "Eggs" });
  await eggs.getByRole("button", { name: "Put back" }).click();
  await eggs.waitFor({ state: "detached" });
  const said = page.locator("#toasts p", { hasText: "“Eggs” is back in “Pack”, which is removed itself." });
  await said.getByRole("button", { name: "Put that back, too" }).click();
  await page.keyboard.press("Escape");
  await expectBoth([page], ["Trip", "  Pack", "    Eggs"]);
  expect(demo.failures).toEqual([]);
});

test("V112 dragged fast the slider asks for few moments, and all fits on a phone", async () => {
  const [one] = await openTwo();
  await one.setViewportSize({ width: 390, height: 844 });
  await openHistory(one);
  await expectShown(one, ["Trip", "Pack{ing list}", "[Coat]"]);
  expect(await one.evaluate("document.documentElement.scrollWidth")).toBe(390);
  const asked: string[] = [];
  one.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const begun = Date.now();
  for (let step = 100; step > 0; step--) await slide(one, step / 100);
  await slide(one, 0);
  const trees = () => asked.filter((path) => path.endsWith("/tree")).length;
  await expect.poll(() => one.locator("#moment").textContent()).toMatch(/^Event 0 of \d+: the beginning$/);
  expect(trees()).toBeLessThanOrEqual((Date.now() - begun) / 150 + 2);
  expect(demo.failures).toEqual([]);
});
