import { describe, expect, it } from "vitest";
import { MIGRATIONS, migrate } from "../../../src/storage/schema.ts";
import type { Sql } from "../../../src/storage.ts";
import { countingSql } from "../../support/counting-sql.ts";
import { dump, stateOf, tablesOf } from "../../support/stored.ts";
import { createWriter, look, reopen } from "../../support/writer.ts";
import { insert, item, remove } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

/** A second version of the schema, as some day there may be one. */
const NEXT = [...MIGRATIONS, ["CREATE TABLE later (x TEXT)", "ALTER TABLE clients ADD COLUMN extra TEXT"]];
const BROKEN = [...MIGRATIONS, ["CREATE TABLE later (x TEXT)", "INSERT INTO nowhere VALUES (1)"]];

export function registerSchema({ create }: SqlUnderTest): void {
  describe("the schema", () => {
    it("D5 an older one is migrated, once, and what was stored stays", () =>
      create((sql) => {
        const written = writeSomething(sql);
        const before = dump(sql);
        migrate(sql, NEXT);
        expect(schemaOf(sql)).toBe(String(NEXT.length));
        expect(tablesOf(sql)).toEqual(["clients", "events", "journal", "later", "meta", "nodes", "skips", "versions"]);
        const after = dump(sql);
        expect([after.nodes, after.events]).toEqual([before.nodes, before.events]);
        expect(after.clients).toEqual(before.clients?.map((row) => ({ ...row, extra: null })));
        // A second time there is nothing to do; otherwise the table would be there already.
        migrate(sql, NEXT);
        expect(dump(sql)).toEqual(after);
        expect(written).toBe(2);
      }));

    it("D5 a migration that fails leaves the older schema whole", () =>
      create((sql) => {
        writeSomething(sql);
        const before = dump(sql);
        expect(() => migrate(sql, BROKEN)).toThrow(/nowhere/);
        expect([dump(sql), tablesOf(sql)]).toEqual([
          before,
          ["clients", "events", "journal", "meta", "nodes", "skips", "versions"],
        ]);
        expect(reopen(sql).stored.seq).toBe(2);
      }));

    it("D5 a newer one is refused and left untouched", () =>
      create((real) => {
        writeSomething(real);
        migrate(real, NEXT);
        const before = dump(real);
        const sql = countingSql(real);
        expect(() => look(sql)).toThrow(/schema 7.*knows 6.*deploy the newer/);
        expect(sql.take().filter((statement) => !statement.startsWith("SELECT"))).toEqual([]);
        expect(dump(real)).toEqual(before);
      }));

    it("D5 from nothing all steps are taken at once", () =>
      create((sql) => {
        migrate(sql, NEXT);
        expect(schemaOf(sql)).toBe(String(NEXT.length));
        expect(tablesOf(sql)).toEqual(["clients", "events", "journal", "later", "meta", "nodes", "skips", "versions"]);
      }));

    it("D6 reading a document that was never created creates nothing", () =>
      create((real) => {
        const sql = countingSql(real);
        expect(look(sql)).toBe(null);
        expect(look(sql)).toBe(null);
        expect(sql.take().every((statement) => statement.startsWith("SELECT"))).toBe(true);
        expect(tablesOf(real)).toEqual([]);
      }));

    it("D6 a document is created whole: its tables, its tree and its name", () =>
      create((sql) => {
        const { stored } = createWriter(sql, item("root", item("a")));
        expect(tablesOf(sql)).toEqual(["clients", "events", "journal", "meta", "nodes", "skips", "versions"]);
        expect(dump(sql).events, "the first tree is rows, not events").toEqual([]);
        expect(stateOf(sql, reopen(sql).stored, [])).toEqual(stateOf(sql, stored, []));
      }));
  });
}

function writeSomething(sql: Sql): number {
  const { stored, write } = createWriter(sql, item("root"));
  write("ann", insert("a", "root"));
  stored.checkpoint();
  write("bob", insert("b", "a"));
  write("bob", remove("ghost"));
  return stored.seq;
}

function schemaOf(sql: Sql): unknown {
  return sql.exec("SELECT value FROM meta WHERE key = 'schema'")[0]?.value;
}
