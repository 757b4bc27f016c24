import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  BAR,
  BINDINGS,
  bindingSize,
  HISTORY_BAR,
  historyOfReact,
  historySize,
  IMPORTS,
  kib,
  sizeOf,
  TEXT_BAR,
  TEXTS_BAR,
  textSize,
  UNDO_BAR,
  WORKER_BAR,
  workerSize,
} from "../../scripts/size.ts";

test("the client is as large as the README says, and no larger than it may be", { timeout: 60_000 }, async () => {
  const [core = 0, undo = 0, text = 0, kept = 0, all = 0] = await Promise.all(IMPORTS.map(sizeOf));
  expect(core).toBeLessThanOrEqual(BAR);
  expect(undo).toBeLessThanOrEqual(UNDO_BAR);
  expect(text).toBeLessThanOrEqual(TEXTS_BAR);
  const readme = readFileSync("README.md", "utf8").replaceAll(/\s+/g, " ");
  const said = `\`openDocument\` is ${kib(core)} minified and gzipped, with \`createUndo\` ${kib(undo)}, with \`textOf\` ${kib(text)}, with \`indexedDb\` ${kib(kept)}, everything ${kib(all)}`;
  expect(readme).toContain(said);
});

test("so is the Worker", { timeout: 60_000 }, async () => {
  const worker = await workerSize();
  expect(worker).toBeLessThanOrEqual(WORKER_BAR);
  const readme = readFileSync("README.md", "utf8").replaceAll(/\s+/g, " ");
  expect(readme).toContain(`The Worker with the class of documents is ${kib(worker)}`);
});

test("history is a part of its own, and no larger beside the client than it may be", { timeout: 60_000 }, async () => {
  const history = await historySize();
  expect(history).toBeLessThanOrEqual(HISTORY_BAR);
  expect(readFileSync("docs/history.md", "utf8")).toContain(`${kib(history)} beside the client`);
  const rest = "{ DocumentProvider, useNode, useChildren, useText, usePresence, useUndo, useStatus, useRole }";
  expect(await historyOfReact(rest)).toEqual([]);
  expect(await historyOfReact("{ useDocumentAt }")).not.toEqual([]);
});

test("text is no larger for a client of one's own than it may be", { timeout: 60_000 }, async () => {
  expect(await textSize()).toBeLessThanOrEqual(TEXT_BAR);
});

test("so are the bindings of editors, as their page says", { timeout: 60_000 }, async () => {
  const [codemirror = 0, prosemirror = 0] = await Promise.all(BINDINGS.map(bindingSize));
  const page = readFileSync("docs/editors.md", "utf8").replaceAll(/\s+/g, " ");
  expect(page).toContain(`is ${kib(codemirror)}, \`groveRows\` ${kib(prosemirror)}, minified and gzipped`);
});
