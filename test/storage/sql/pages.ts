import { describe, expect, it } from "vitest";
import type { NodePage } from "../../../src/storage.ts";
import { countingSql } from "../../support/counting-sql.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { item, remove } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

/** Bytes of content of the n-th of 3 001 nodes: many small ones, some that fill a page, and two that are large. */
function contentOf(index: number): number {
  if (index === 2_500 || index === 2_501) return 900_000;
  return index < 2_300 ? 10 : 4_000;
}

const isPage = (page: NodePage | string | null): page is NodePage => page !== null && typeof page !== "string";

export function registerPages({ create }: SqlUnderTest): void {
  describe("nodes by the page", () => {
    it("V85 have a thousand rows at most, 256 KiB of content, and a large row alone, for which there is a turn", () =>
      create((real) => {
        const children = Array.from({ length: 3_000 }, (_, index) => ({
          ...item(`n${String(index).padStart(5, "0")}`),
          attrs: { text: "x".repeat(contentOf(index)) },
        }));
        createWriter(real, item("root", ...children));
        const sql = countingSql(real);
        const pages = [...reopen(sql).stored.nodes.freeze().pages(false)];
        const counts = pages.map((page) => (isPage(page) ? page.count : 0));
        expect(counts.reduce((sum, count) => sum + count)).toBe(3_001);
        expect(Math.max(...counts)).toBe(1_000);
        const sizes = pages.map((page) => (isPage(page) ? page.rows.length : 0));
        expect(sizes.filter((size) => size > 800_000)).toHaveLength(2);
        for (const [index, size] of sizes.entries()) {
          if (size < 800_000) expect(size).toBeLessThan(400_000);
          else expect([pages[index - 1], counts[index]]).toEqual([null, 1]);
        }
        expect(sql.take().length, "each page takes two statements").toBeLessThan(80);
      }));

    it("V70 bare ones leave out what was removed, with what lies below", () =>
      create((real) => {
        const { stored, write } = createWriter(real, item("root", item("a", item("b")), item("c")));
        write("ann", remove("a"));
        stored.checkpoint();
        const count = (bare: boolean) =>
          [...reopen(real).stored.nodes.freeze().pages(bare)].filter(isPage).reduce((sum, page) => sum + page.count, 0);
        expect([count(true), count(false)]).toEqual([2, 4]);
      }));
  });
}
