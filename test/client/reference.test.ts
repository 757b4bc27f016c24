import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as client from "../../src/client/index.ts";
import * as history from "../../src/history/index.ts";
import * as react from "../../src/react/index.ts";
import * as testing from "../../src/testing/index.ts";

const text = readFileSync("docs/client.md", "utf8").replace(/^```.*?^```$/gms, "");
const codeIn = (part: string) => Array.from(part.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);

/** Every name that stands in backticks. */
const mentioned = new Set(codeIn(text).flatMap((code) => code.match(/\w+/g) ?? []));

/** What the first columns of a section's tables name: `tx.get(id?)` is `get`. */
function namesOf(heading: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const columns = Array.from(section.matchAll(/^\| (`[^|]+) \|/gm), ([, column = ""]) => column);
  return columns.flatMap((column) => codeIn(column).map((code) => /^(?:tx\.)?(\w+)/.exec(code)?.[1] ?? code));
}

// The compiler sees to it that these are all.
const OPTIONS: Record<keyof client.OpenOptions, true> = {
  ...{ token: true, ticket: true, persist: true, client: true, initial: true, connect: true, platform: true },
};
const TRANSACTION: Record<keyof client.Transaction, true> = {
  ...{ insert: true, update: true, move: true, remove: true },
  ...{ edit: true, split: true, join: true, mark: true },
  ...{ root: true, get: true, children: true, parent: true },
};
const STATES: Record<client.Status["state"], true> = { connecting: true, live: true, offline: true, closed: true };
const EVENTS: Record<keyof client.DocumentEvents, true> = {
  ...{
    change: true,
    event: true,
    pending: true,
    rejected: true,
    status: true,
    presence: true,
    notice: true,
    space: true,
    role: true,
    error: true,
  },
};

const server = testing.createTestServer();
const document = client.openDocument(server.url("plan"), { platform: server.machine(), connect: false });
const members = {
  TreeDocument: Object.keys(document),
  Undo: Object.keys(client.createUndo(document)),
  Platform: Object.keys(client.webPlatform()),
  TestServer: Object.keys(server),
  Machine: Object.keys(server.machine()),
};
const exported = {
  "durable-grove/client": Object.keys(client),
  "durable-grove/react": Object.keys(react),
  "durable-grove/testing": Object.keys(testing),
};

test.each([
  ["In ten lines", Object.keys(OPTIONS)],
  ["Mutations", Object.keys(TRANSACTION)],
  ["Status", Object.keys(STATES)],
  ["Events", Object.keys(EVENTS)],
  ["React", Object.keys(react).filter((name) => name.startsWith("use"))],
  ["Testing", [...members.TestServer, ...members.Machine.filter((name) => !members.Platform.includes(name))]],
])("the tables of “%s” in docs/client.md name what there is, and all of it", (heading, names) => {
  expect(namesOf(heading).sort()).toEqual([...names].sort());
});

test("docs/history.md names everything of durable-grove/history", () => {
  const calls = history.historyOf(document);
  const names = [...Object.keys(history), ...Object.keys(calls), ...Object.keys(calls.versions)];
  const page = readFileSync("docs/history.md", "utf8").split("## In a page")[1] ?? "";
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
});

test("the table of “Reading” in docs/client.md names what there is", () => {
  const names = namesOf("Reading");
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !members.TreeDocument.includes(name))).toEqual([]);
});

test.each(Object.entries({ ...members, ...exported }))("docs/client.md mentions everything of %s", (_, names) => {
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !mentioned.has(name))).toEqual([]);
});
