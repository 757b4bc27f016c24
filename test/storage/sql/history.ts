import { describe, expect, it } from "vitest";
import { historyPage } from "../../../src/session/history.ts";
import { finish } from "../../../src/storage.ts";
import { createWriter } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import type { SqlUnderTest } from "../contract/under-test.ts";

// More log than is kept in memory.
export function registerSqlHistory({ create }: SqlUnderTest): void {
  describe("history", () => {
    it("D7 a page that finds nothing ends early, and says that it has not seen everything", () =>
      create((sql) => {
        const { stored, write } = createWriter(sql, item("root", item("a")));
        for (let count = 0; count < 24; count++) write("ann", update("a", { text: `${count}`.padEnd(600_000) }));
        const { entries, more, next } = finish(historyPage(stored, { where: { client: "nobody" } }));
        expect([entries, more]).toEqual([[], true]);
        expect(next).toBeGreaterThan(1);
        expect(next, "2 Mi characters are parsed, or 8 Mi looked through").toBeLessThan(10);
      }));
  });
}
