import { describe, expect, it } from "vitest";
import { entriesOf, eventsOf } from "../../../src/storage/log.ts";
import type { Sql } from "../../../src/storage.ts";
import { rowsWritten } from "../../support/stored.ts";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, remove, update } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

const PART_CHARS = 512 * 1024;

export function registerSqlLog({ create }: SqlUnderTest): void {
  describe("the log", () => {
    it("D1 a commit writes one row, however many mutations are in it", () =>
      create((sql) => {
        const { submit, commit, write } = createWriter(sql, item("root"));
        expect(rowsWritten(sql, () => write("ann", insert("a", "root")))).toBe(1);
        for (let index = 0; index < 100; index++) submit("ann", update("a", { x: index }));
        expect(rowsWritten(sql, commit)).toBe(1);
        expect(rowsWritten(sql, commit), "nothing waits").toBe(0);
        expect(sql.exec("SELECT first, part, last FROM events ORDER BY first")).toEqual([
          { first: 1, part: 0, last: 1 },
          { first: 2, part: 0, last: 101 },
        ]);
      }));

    it("D1 a commit with rejections writes one row more for each client that was refused", () =>
      create((sql) => {
        const { submit, commit } = createWriter(sql, item("root"));
        submit("ann", insert("a", "root"));
        submit("bob", remove("ghost"));
        submit("bob", remove("phantom"));
        submit("cy", insert("c", "root"));
        submit("dan", remove("ghost"));
        expect(rowsWritten(sql, commit)).toBe(1 + 2);
      }));

    it("D1 there is no secondary index and no table beside the four", () =>
      create((sql) => {
        createWriter(sql, item("root"));
        expect(sql.exec("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")).toEqual([]);
        const sequence = sql.exec("SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'");
        expect(sequence, "AUTOINCREMENT writes a second row").toEqual([]);
      }));

    // Both parities, so that in one of them the cut would fall into a pair.
    it.each([0, 1])("D1 a body over 512 Ki characters goes on in parts that cut no surrogate pair (%i)", (shift) =>
      create((sql) => {
        const writer = createWriter(sql, item("root", item("a"), item("b"), item("c")));
        writer.write("ann", update("a", { x: "before" }));
        const text = "x".repeat(shift) + "🌳".repeat(200_000);
        // What undoes the second one is as large: the inverses are cut as well.
        for (const value of [text, "small"]) {
          const operations = ["a", "b", "c"].map((id) => update(id, { text: `${id}${value}` }));
          writer.write("ann", operations);
        }
        writer.write("ann", update("a", { x: "after" }));
        const bodies = sql.exec("SELECT first, part, last, body FROM events ORDER BY first, part");
        const parts = bodies.map(({ first, part, last }) => `${first}-${last} part ${part}`);
        expect(parts).toEqual([
          "1-1 part 0",
          ...["2-2 part 0", "2-2 part 1", "2-2 part 2"],
          ...["3-3 part 0", "3-3 part 1", "3-3 part 2"],
          "4-4 part 0",
        ]);
        for (const { body } of bodies) {
          expect(String(body).length).toBeLessThanOrEqual(PART_CHARS);
          expect(String(body).isWellFormed(), "no pair is cut").toBe(true);
        }
        expectSameLog(sql, writer);
        const again = reopen(sql);
        expect(again.stored.nodes.get("b")?.attrs).toEqual({ text: "bsmall" });
        const large = [...again.stored.log.after(1)].flatMap(eventsOf)[0];
        expect(large?.ops).toEqual(["a", "b", "c"].map((id) => update(id, { text: `${id}${text}` })));
      }),
    );

    it("D1 a body of 512 Ki characters exactly is one row, and one more makes two", () =>
      create((sql) => {
        const writer = createWriter(sql, item("root", item("a")));
        writer.write("ann", update("a", { t: "" }));
        const lengthOf = (seq: number) =>
          Number(sql.exec("SELECT sum(length(body)) AS n FROM events WHERE first = ?", seq)[0]?.n);
        writer.write("ann", update("a", { t: "x" }));
        const around = lengthOf(2) - 1;
        writer.write("ann", update("a", { t: "" }));
        writer.write("ann", update("a", { t: "x".repeat(PART_CHARS - around) }));
        writer.write("ann", update("a", { t: "" }));
        writer.write("ann", update("a", { t: "x".repeat(PART_CHARS - around + 1) }));
        expect([lengthOf(4), lengthOf(6)]).toEqual([PART_CHARS, PART_CHARS + 1]);
        const parts = (seq: number) => sql.exec("SELECT part FROM events WHERE first = ?", seq).length;
        expect([parts(4), parts(6)]).toEqual([1, 2]);
        expectSameLog(sql, writer);
      }));
  });
}

/** What is read from the log after a reload is what was written. */
function expectSameLog(sql: Sql, { stored }: Writer): void {
  const before = [...stored.log.after(0)].flatMap(entriesOf);
  const after = [...reopen(sql).stored.log.after(0)].flatMap(entriesOf);
  expect(after).toEqual(before);
  expect(after.map(({ seq }) => seq)).toEqual(range(1, stored.seq));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
