import { expect, test } from "vitest";
import { failure, LIMITS } from "../../src/protocol/index.ts";
import { readable } from "../../src/session/readable.ts";
import { finish } from "../../src/storage.ts";
import { createTestServer } from "../../src/testing/index.ts";
import { createRandom } from "../../src/testing/random.ts";
import { transform } from "../../src/text/index.ts";
import type { Operation } from "../../src/tree/index.ts";
import { seed, times } from "../support/seed.ts";
import { insert, move, remove, update } from "../tree/document.ts";

const RUNS = times(60);
const children = ["a", "b", "c"].map((id) => ({ id, type: "row", attrs: { text: `the text of ${id}` } }));

/** A document to which all kinds of things have happened. */
function backup(): string[] {
  const calls = createTestServer().call("doc");
  calls.getOrStart({ tree: { id: "root", type: "list", children } });
  let mutation = 0;
  const ann = (...ops: readonly Operation[]) => calls.mutate({ client: "ann", mutation: ++mutation, ops });
  ann(update("a", { x: 1 }));
  ann(insert("d", "b"), insert("e", "d"));
  ann(move("c", "b"));
  ann({ op: "edit", id: "b", attr: "text", changes: [3, "more", -2] }, update("a", { x: 2 }));
  ann(remove("d"));
  calls.undo({ client: "ann" });
  ann(update("a", { x: 3 }), { op: "update", id: "b", attrs: { text: "another" } });
  ann({ op: "edit", id: "b", attr: "text", changes: [3, "more"] }, remove("a"));
  const lines = calls.export({ history: true });
  if (!lines.ok) throw new Error(lines.problem.message);
  return lines.value.trimEnd().split("\n");
}

const ODD = [null, 0, 1, 7, "", "a", "b", "zz", "root", [], {}, ["x"], [-3], [5, "x"], [1, 0]];

/** The same value with something in it changed, now and then. */
function mangled(value: unknown, random: () => number, depth = 0): unknown {
  if (depth > 3 && random() < 0.012) return ODD[Math.floor(random() * ODD.length)];
  if (Array.isArray(value)) return value.map((each) => mangled(each, random, depth + 1));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mangled(each, random, depth + 1)]));
}

function madeUp(line: string, random: () => number): string {
  if (!line.startsWith('{"events"')) return line;
  const { events } = JSON.parse(line);
  const rows = events.map(([first, part, last, time, body]: [number, number, number, number, string]) => {
    const texts = body.split("\n").map((text) => JSON.stringify(mangled(JSON.parse(`[${text}]`), random)).slice(1, -1));
    return [first, part, last, time, body.startsWith("\n") ? body : texts.join("\n")];
  });
  return JSON.stringify({ events: rows });
}

test("V82 whatever the log of a backup says, what is read of it is answered, and the document goes on", () => {
  const lines = backup();
  let made = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(seed + run);
    const calls = createTestServer().call("made-up");
    if (!calls.import(lines.map((line) => madeUp(line, random)).join("\n")).ok) continue;
    made++;
    for (const answer of [
      calls.history({ inverse: true, summary: true }),
      calls.history({ node: "b", subtree: true }),
      calls.historySessions({ summary: true }),
      calls.diff({ from: 0 }),
      calls.diff({ from: 3, ops: true }),
      calls.diff({ from: 7, to: 2 }),
      calls.blame({ node: "a" }),
      calls.blame({ node: "b", attr: "text" }),
      calls.bin(),
      calls.getState({ at: 0 }),
      calls.getState({ at: 6 }),
      calls.restore({ to: 4, dryRun: true, others: "remove" }),
      calls.undo({ seq: 4 }),
      calls.undo({ client: "ann" }),
      calls.configure({ options: { historyMaxEvents: 3 } }),
      calls.stop(),
      calls.mutate({ ops: [insert(`new-${run}`, "root")] }),
    ])
      expect(JSON.stringify(answer), `run ${run}`).not.toContain("the document failed");
  }
  expect(made).toBeGreaterThan(RUNS / 20);
});

test("V82 what is thrown where something is read is its answer, and what never ends ends", () => {
  const failed: unknown[] = [];
  const note = (error: unknown) => void failed.push(error);
  const unavailable = { ok: false, problem: { code: "unavailable" } };
  const throwing = function* () {
    yield;
    if (failed.length === 0) throw new TypeError("made up");
    return failure("invalid", "it is not reached");
  };
  expect(finish(readable(throwing(), note))).toMatchObject(unavailable);
  let turns = 0;
  const endless = function* () {
    for (; turns < 2 * LIMITS.readingTurns; turns++) yield;
    return failure("invalid", "it is not reached");
  };
  expect(finish(readable(endless(), note))).toMatchObject(unavailable);
  expect([turns, failed.length]).toEqual([LIMITS.readingTurns - 1, 2]);
  const full = function* () {
    yield;
    if (failed.length > 0) throw new Error("database or disk is full");
    return failure("invalid", "it is not reached");
  };
  expect(() => finish(readable(full(), note)), "storage is another matter").toThrow("full");
});

test("V82 a list of changes that ends with a 0 has an end", () => {
  expect(transform([1, 0], [-1])).toEqual([]);
});
