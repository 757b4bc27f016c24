import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entriesOf } from "../../../src/storage/log.ts";
import { createMemoryTables, type StoredDocument, type Tables } from "../../../src/storage.ts";
import type { Operation } from "../../../src/tree/index.ts";
import { stateOf } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import type { StorageUnderTest } from "./under-test.ts";

const AUTHORS = ["ann", "bob", "cy"];
const ROWS = ["a", "b"];
const ATTR = "text";
/** What may stand in a line of the log and must not end it. */
const TEXTS = ["e", " ", "\n", "\t", '"', "\\", "[", "木", "🌳", "a whole sentence"];

const key = fc.record({
  author: fc.constantFrom(...AUTHORS),
  row: fc.constantFrom(...ROWS),
  at: fc.nat(20),
  text: fc.constantFrom("", ...TEXTS),
  deletes: fc.constantFrom(0, 0, 0, 1, 3),
  bound: fc.boolean(),
  meta: fc.constantFrom(undefined, { group: "1" }, { group: "1" }, { group: "=" }),
  /** Something else than a key. */
  marks: fc.constantFrom(false, false, false, false, false, false, false, false, true),
  next: fc.constantFrom("go on", "commit", "commit", "commit", "commit", "due", "reload", "checkpoint"),
});
type Press = typeof key extends fc.Arbitrary<infer K> ? K : never;

export function registerTyping({ create, runs }: StorageUnderTest): void {
  describe("typing", () => {
    it("X91 every keystroke is read as the event it was, whoever types between, and wherever reading begins", async () => {
      const property = fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: 80 }), async (keys) => {
        await create((tables) => {
          const twin = createMemoryTables();
          const typed = type(tables, keys, true);
          expectSameLog(typed, type(twin, keys, false));
          expectSameLog(reopen(tables).stored, reopen(twin).stored);
          expect(stateOf(tables, reopen(tables).stored, AUTHORS)).toEqual(stateOf(tables, typed, AUTHORS));
          expect(reopen(tables).stored.counters.mutations, "each is counted once").toBe(typed.seq);
          expect(reopen(tables).stored.counters.commits).toBe(typed.counters.commits);
        });
      });
      await fc.assert(property, runs(60));
    });
  });
}

function type(tables: Tables, keys: readonly Press[], isReloaded: boolean): StoredDocument {
  let writer = createWriter(tables, item("root", ...ROWS.map((id) => item(id))));
  let time = writer.stored.time;
  for (const { author, marks, next, meta, ...press } of keys) {
    time += 7;
    const operation = marks ? update(press.row, { marked: time }) : edit(writer.stored, press);
    writer.submit(author, operation, { at: time, ...(meta && { meta }) });
    if (next === "go on") continue;
    writer.commit();
    if (!isReloaded) continue;
    if (next === "reload") writer = reopen(tables);
    if (next === "checkpoint") writer.stored.checkpoint();
    // As the session does: what was counted is stored with what is due.
    if (next === "due" || next === "checkpoint") writer.stored.setDue({ ...writer.stored.due });
  }
  writer.commit();
  return writer.stored;
}

/** A key at a place that there is, which cuts no pair. */
function edit({ nodes }: StoredDocument, press: Pick<Press, "row" | "at" | "text" | "deletes" | "bound">): Operation {
  const text = String(nodes.get(press.row)?.attrs[ATTR] ?? "");
  const at = Math.min(press.at, [...text].length);
  const [before, gone] = [[...text].slice(0, at), [...text].slice(at, at + press.deletes)].map(
    (all) => all.join("").length,
  );
  const inserted = press.bound && press.text !== "" ? [0, press.text] : [press.text];
  const changes = [before ?? 0, ...inserted, -(gone ?? 0)].filter(
    (change, index) => change !== "" && (change !== 0 || index === 1),
  );
  return { op: "edit", id: press.row, attr: ATTR, changes };
}

function expectSameLog({ log, seq }: StoredDocument, twin: StoredDocument): void {
  const all = [...twin.log.after(0)].flatMap(entriesOf);
  expect([...log.after(0)].flatMap(entriesOf)).toEqual(all);
  expect([...log.backward()].reverse().flatMap(entriesOf)).toEqual(all);
  expect(seq).toBe(twin.seq);
  for (const { seq: each } of all) {
    const commit = log.at(each);
    expect(commit && entriesOf(commit).find((entry) => entry.seq === each)).toEqual(all[each - 1]);
    const behind = [...log.after(each)].flatMap(entriesOf).filter((entry) => entry.seq > each);
    expect(behind).toEqual(all.slice(each));
  }
}
