import { describe, expect, it } from "vitest";
import { countingSql } from "../../support/counting-sql.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { item } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

export function registerScans({ create }: SqlUnderTest): void {
  describe("a scan that somebody reads slowly", () => {
    it("B40 holds a page of so many bytes, however large the rows are", () =>
      create((real) => {
        const children = Array.from({ length: 700 }, (_, index) => ({
          ...item(`n${index}`),
          attrs: { text: "x".repeat(index < 350 ? 4_000 : 10) },
        }));
        createWriter(real, item("root", ...children));
        let longest = 0;
        let pages = 0;
        const sql = countingSql(real, (_, rows) => {
          for (const { lines } of rows) {
            if (typeof lines !== "string") continue;
            longest = Math.max(longest, lines.length);
            pages++;
          }
        });
        const frozen = reopen(sql).stored.nodes.freeze();
        expect([...frozen.texts()].filter((text) => text !== null)).toHaveLength(701);
        // The first 32 rows, and about 64 Ki characters from then on.
        expect(longest).toBeLessThan(140_000);
        expect(pages).toBeLessThan(60);
      }));

    it("B40 holds none of a large row before it is asked for it", () =>
      create((real) => {
        const children = Array.from({ length: 3 }, (_, index) => ({
          ...item(`n${index}`),
          attrs: { text: "x".repeat(900_000) },
        }));
        createWriter(real, item("root", ...children));
        let large = 0;
        const sql = countingSql(real, (_, rows) => {
          for (const { attrs } of rows) if (typeof attrs === "string" && attrs.length > 800_000) large++;
        });
        const seen: [string | null, number][] = [];
        for (const text of reopen(sql).stored.nodes.freeze().texts()) seen.push([text?.id ?? null, large]);
        expect(seen).toEqual([
          [null, 0],
          ["n0", 1],
          [null, 1],
          ["n1", 2],
          [null, 2],
          ["n2", 3],
          ["root", 3],
        ]);
      }));
  });
}
