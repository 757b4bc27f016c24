import { describe, expect, it } from "vitest";
import { countingSql } from "../../support/counting-sql.ts";
import { rowsWritten } from "../../support/stored.ts";
import { createWriter } from "../../support/writer.ts";
import { insert, item, update } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

export function registerSqlCheckpoints({ create }: SqlUnderTest): void {
  describe("a checkpoint", () => {
    it("D3 writes what is dirty and nothing else: nodes, clients and its seq", () =>
      create((sql) => {
        const children = Array.from({ length: 1_000 }, (_, index) => item(`n${index}`));
        const { stored, write } = createWriter(sql, item("root", ...children));
        for (let index = 0; index < 50; index++) write("ann", update("n3", { index }));
        write("bob", update("n4", { x: 1 }));
        write("bob", insert("m", "n5"));
        expect(stored.nodes.dirty, "n3, n4, n5 and m, and the root, which is higher now").toBe(5);
        expect(rowsWritten(sql, () => stored.checkpoint())).toBe(5 + 2 + 1);
        expect([stored.checkpointSeq, stored.nodes.dirty]).toEqual([52, 0]);
        expect(sql.exec("SELECT count(*) AS n FROM nodes")).toEqual([{ n: 1_002 }]);
        expect(sql.exec("SELECT id, mutation FROM clients ORDER BY id")).toEqual([
          { id: "ann", mutation: 50 },
          { id: "bob", mutation: 2 },
        ]);
      }));

    it("D3 with nothing new runs no statement", () =>
      create((real) => {
        const sql = countingSql(real);
        const { stored, write } = createWriter(sql, item("root"));
        sql.take();
        stored.checkpoint();
        expect(sql.take()).toEqual([]);
        write("ann", insert("a", "root"));
        stored.checkpoint();
        sql.take();
        stored.checkpoint();
        expect(sql.take()).toEqual([]);
      }));

    it("D3 deletes the rows of nodes that are no more", () =>
      create((sql) => {
        const children = Array.from({ length: 2_500 }, (_, index) => item(`n${index}`));
        const { nodes } = createWriter(sql, item("root", ...children)).stored;
        for (let index = 0; index < 2_500; index++) if (index !== 7) nodes.delete(`n${index}`);
        sql.transaction(() => nodes.write());
        nodes.written();
        expect(sql.exec("SELECT id FROM nodes ORDER BY id")).toEqual([{ id: "n7" }, { id: "root" }]);
        expect(nodes.get("n8")).toBe(undefined);
      }));
  });
}
