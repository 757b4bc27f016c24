import { describe, expect, it } from "vitest";
import type { Meta } from "../../../src/protocol/index.ts";
import { entriesOf } from "../../../src/storage/log.ts";
import type { Sql } from "../../../src/storage.ts";
import type { Operation } from "../../../src/tree/index.ts";
import { rowsWritten } from "../../support/stored.ts";
import { createWriter, reopen, type Writer } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

/** Ids as our client makes them. */
const [ANN, BOB] = ["0c9a1f7e-5b1d-4a55-9d25-6a3f0e5f8f11", "b7a3d4c2-91c8-4e0b-8b53-2f9d7a60c9e4"];
const USER = "3f6d2a90-7c41-4b8e-a1f5-d0c29e7b4a68";
const [ROW, OTHER] = ["9e107d9d-372b-4b68-9a3c-1f2b3c4d5e6f", "e4d909c2-90d0-4fb1-ba06-8b3f8c7d6e5a"];
const KEYS_A_MINUTE = 300;
const MOST_CHARS = 4 * 1024;

export function registerSqlTyping({ create }: SqlUnderTest): void {
  const open = (sql: Sql, text = "") => createWriter(sql, item("root", textRow(ROW, text), textRow(OTHER, text)));

  describe("typing", () => {
    it.each([60, 20_000])("X92 a person who types in a row of %i characters costs at most 150 bytes a key", (length) =>
      create((sql) => {
        const writer = open(sql, "x".repeat(length));
        const press = typist(writer, ANN, ROW, length / 2);
        press(KEYS_A_MINUTE);
        writer.stored.checkpoint();
        const before = sql.bytes;
        for (let minute = 0; minute < 5; minute++) {
          press(KEYS_A_MINUTE);
          writer.stored.checkpoint();
        }
        const each = (sql.bytes - before) / (5 * KEYS_A_MINUTE);
        expect(each, "this is what it is for").toBeLessThan(60);
        expect(each).toBeGreaterThan(5);
      }),
    );

    it("X92 X115 what is undone together costs hardly more, where a step is eight keys", () =>
      create((sql) => {
        const writer = open(sql, "x".repeat(60));
        const press = typist(writer, ANN, ROW, 30);
        const before = sql.bytes;
        for (let step = 0; step < 100; step++) press(8, { group: (1_764_000_000_000 + step).toString(36) });
        expect((sql.bytes - before) / 800, "this is what it is for").toBeLessThan(120);
        expectSameLog(sql, writer);
      }));

    it("X92 two who type in turns share rows, too", () =>
      create((sql) => {
        const writer = open(sql, "x".repeat(60));
        const [ann, bob] = [typist(writer, ANN, ROW, 30), typist(writer, BOB, OTHER, 30)];
        const before = sql.bytes;
        for (let key = 0; key < KEYS_A_MINUTE; key++) for (const press of [ann, bob]) press(1);
        expect((sql.bytes - before) / (2 * KEYS_A_MINUTE)).toBeLessThan(150);
        expectSameLog(sql, writer);
      }));

    it("X92 a commit writes one row, its own or the one before", () =>
      create((sql) => {
        const writer = open(sql);
        const press = typist(writer, ANN, ROW, 0);
        for (let key = 0; key < 500; key++) expect(rowsWritten(sql, () => press(1))).toBe(1);
        const rows = sql.exec("SELECT length(body) AS length FROM events");
        expect(rows.length).toBeGreaterThan(2);
        for (const { length } of rows) expect(Number(length)).toBeLessThanOrEqual(MOST_CHARS);
        expect(Math.max(...rows.map(({ length }) => Number(length))), "and it is used").toBeGreaterThan(
          MOST_CHARS - 40,
        );
      }));

    it("X92 keys of one commit are in short as well", () =>
      create((sql) => {
        const writer = open(sql);
        for (let key = 0; key < 1_000; key++) writer.submit(ANN, edit(ROW, key === 0 ? ["e"] : [key, 0, "e"]));
        writer.commit();
        const [row] = sql.exec("SELECT first, last, length(body) AS length FROM events");
        expect(row).toMatchObject({ first: 1, last: 1_000 });
        expect(Number(row?.length)).toBeLessThan(30_000);
        expectSameLog(sql, writer);
      }));

    it("X92 a row goes over no checkpoint, and nothing but typing goes into it", () =>
      create((sql) => {
        const writer = open(sql);
        const press = typist(writer, ANN, ROW, 0);
        const rows = () => sql.exec("SELECT first, last FROM events").map(({ first, last }) => `${first}-${last}`);
        press(3);
        writer.stored.checkpoint();
        press(2);
        expect(rows()).toEqual(["1-3", "4-5"]);
        writer.write(BOB, update(OTHER, { done: true }));
        press(2);
        writer.submit(BOB, update(OTHER, { done: false }));
        press(1);
        press(1);
        expect(rows()).toEqual(["1-3", "4-5", "6-6", "7-8", "9-10", "11-11"]);
        reopen(sql);
        expectSameLog(sql, writer);
        // What is dropped is no row to go on with.
        writer.stored.log.drop(11);
        press(1);
        expect(rows()).toEqual(["12-12"]);
      }));

    it("X92 what a large key brings stands in a row of its own", () =>
      create((sql) => {
        const writer = open(sql);
        typist(writer, ANN, ROW, 0)(1);
        for (const length of [MOST_CHARS, 600_000, 3]) writer.write(ANN, edit(ROW, ["x".repeat(length)]));
        const rows = sql.exec("SELECT first, last, count(*) AS parts FROM events GROUP BY first");
        expect(rows.map(({ first, last, parts }) => `${first}-${last} ${parts}`)).toEqual([
          ...["1-1 1", "2-2 1", "3-3 2", "4-4 1"],
        ]);
        expectSameLog(sql, writer);
      }));

    it("X93 what was taken back is not gone on with", () =>
      create((sql) => {
        const writer = open(sql);
        const press = typist(writer, ANN, ROW, 0);
        press(3);
        expect(() =>
          sql.transaction(() => {
            press(1);
            throw new Error("taken back");
          }),
        ).toThrow("taken back");
        const again = reopen(sql);
        expect(again.stored.seq).toBe(3);
        expect(again.stored.nodes.get(ROW)?.attrs).toEqual({ text: "eee" });
        typist(again, ANN, ROW, 3)(3);
        expectSameLog(sql, again);
        expect(reopen(sql).stored.nodes.get(ROW)?.attrs).toEqual({ text: "eeeeee" });
      }));
  });
}

function textRow(id: string, text: string) {
  return { id, type: "row", attrs: { text } };
}

function edit(id: string, changes: readonly (number | string)[]): Operation {
  return { op: "edit", id, attr: "text", changes };
}

/** Presses so many keys, a commit each, 200 ms apart; one of fourteen is a backspace. */
function typist(writer: Writer, client: string, row: string, at: number): (keys: number, meta?: Meta) => void {
  let [caret, pressed] = [at, 0];
  return (keys, meta) => {
    for (let key = 0; key < keys; key++) {
      const isBack = ++pressed % 14 === 0;
      const changes = isBack ? [caret - 1, -1] : caret === 0 ? ["e"] : [caret, 0, "e"];
      caret += isBack ? -1 : 1;
      const manner = { user: USER, at: writer.stored.time + 200, ...(meta && { meta }) };
      if (!writer.write(client, edit(row, changes), manner).ok) throw new Error("a key was refused");
    }
  };
}

/** What is read from the log after a reload is what its own tables give. */
function expectSameLog(sql: Sql, { stored }: Writer): void {
  const after = [...reopen(sql).stored.log.after(0)].flatMap(entriesOf);
  expect(after).toEqual([...stored.log.after(0)].flatMap(entriesOf));
  expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + (after[0]?.seq ?? 0)));
}
