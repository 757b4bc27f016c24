import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredDocument, Tables } from "../../../src/storage.ts";
import { problemsOf, scanned, stateOf } from "../../support/stored.ts";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, remove, update } from "../../tree/document.ts";
import { history, START } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

const CLIENTS = ["ann", "bob", "cid"];

/** What a checkpoint in steps writes before it is finished, and what is left of it where it never is. */
export function registerEarlyRows({ create, runs }: StorageUnderTest): void {
  describe("rows that are written ahead of a checkpoint", () => {
    it("D3 are what they were for who finds it unfinished, and change nothing for who goes on", async () => {
      const happenings = fc.array(fc.constantFrom("rows", "row", "crash", "checkpoint", "nothing"), { maxLength: 60 });
      const property = fc.asyncProperty(history, happenings, async (steps, then) => {
        await create((tables) => {
          let writer = createWriter(tables, START);
          for (const [index, { author, ops }] of steps.entries()) {
            writer.write(author, ops);
            const what = then[index % Math.max(1, then.length)];
            if (what === "rows") writeSome(tables, writer.stored, 3);
            if (what === "row") writeSome(tables, writer.stored, 1);
            if (what === "checkpoint") writer.stored.checkpoint();
            if (what === "crash") writer = reopenedAlike(tables, writer);
          }
          reopenedAlike(tables, writer);
        });
      });
      await fc.assert(property, runs(60));
    });

    it("D3 are put back whatever their size, new ones taken away, deleted ones there again", () =>
      create((tables) => {
        const sizes = [0, 1_000, 4_000, 4_080, 4_084, 4_085, 4_100, 9_000, 300_000, 1_000_000];
        const text = (size: number) => '"\\é\u0001木'.repeat(size).slice(0, Math.ceil(size / 4));
        const nodes = Array.from(sizes.keys(), (index) => item(`n${index}`));
        const writer = createWriter(tables, item("root", ...nodes));
        for (const [index, size] of sizes.entries())
          writer.write("ann", update(`n${index}`, { text: text(size), index }));
        writer.stored.checkpoint();
        for (const index of sizes.keys()) writer.write("ann", update(`n${index}`, { text: "short" }));
        writer.write("ann", insert("new", "n3"));
        const before = rowsOf(tables);
        while (writeSome(tables, writer.stored, 4));
        expect(rowsOf(tables)).not.toEqual(before);
        // In front of the log, the rows alone.
        tables.transaction(() => tables.nodes.putBack());
        expect(rowsOf(tables)).toEqual(before);
        tables.transaction(() => tables.nodes.putBack());
        expect(rowsOf(tables), "once").toEqual(before);
      }));

    it.each([null, 1, 4, 7])("D3 are written step by step while others commit; a crash comes after %s", (crash) =>
      create((tables) => {
        const children = Array.from({ length: 5_000 }, (_, index) => item(`n${index}`));
        const writer = createWriter(tables, item("root", ...children));
        const { stored } = writer;
        for (let index = 0; index < 5_000; index++) writer.submit("ann", update(`n${index}`, { index }));
        writer.commit();
        const work = stored.checkpointInSteps(1);
        let steps = 0;
        for (let step = work.next(1); !step.done; step = work.next(1)) {
          // What is left are the steps back that the log gets.
          if (stored.checkpointSeq > 0) continue;
          writer.write("bob", [update(`n${steps * 7}`, { again: steps }), insert(`new${steps}`, "n4999")]);
          writer.write("bob", remove(`n${steps * 11 + 1}`));
          if (++steps === crash) break;
        }
        const seq = crash === null ? 5_000 + 2 * steps : 0;
        expect([stored.checkpointSeq, stored.dirty, stored.nodes.dirty === 0]).toEqual([seq, seq === 0, seq > 0]);
        expect(steps).toBe(crash ?? 19);
        // What has changed since its row was written is written once more.
        reopenedAlike(tables, writer).stored.checkpoint();
        reopenedAlike(tables, writer);
      }),
    );

    it("D3 end with a checkpoint that comes in between; the steps that are left do nothing", () =>
      create((tables) => {
        const children = Array.from({ length: 3_000 }, (_, index) => item(`n${index}`));
        const writer = createWriter(tables, item("root"));
        writer.write("ann", insert("top", "root", {}, children));
        const work = writer.stored.checkpointInSteps(1);
        work.next(1);
        writer.stored.checkpoint();
        expect([writer.stored.dirty, writer.stored.nodes.unwritten]).toEqual([false, 0]);
        writer.write("ann", update("n1", { x: 1 }));
        expect(work.next(1).done).toBe(true);
        reopenedAlike(tables, writer);
      }));
  });
}

/** Writes the next so many rows, as a step of a checkpoint does; false where there are none. */
function writeSome(tables: Tables, { nodes }: StoredDocument, most: number): boolean {
  const ids = nodes.nextEarly().slice(0, most);
  tables.transaction(() => nodes.writeEarly(ids));
  nodes.wroteEarly(ids);
  return ids.length > 0;
}

function reopenedAlike(tables: Tables, { stored }: Writer): Writer {
  const before = stateOf(tables, stored, CLIENTS);
  const again = reopen(tables);
  expect(stateOf(tables, again.stored, CLIENTS)).toEqual(before);
  expect(problemsOf(tables, again.stored)).toEqual([]);
  return again;
}

function rowsOf({ nodes }: Tables): unknown[] {
  return Array.from(scanned(nodes), ({ id }) => nodes.get(id));
}
