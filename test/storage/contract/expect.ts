import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNodeRows, FIRST_TOTALS } from "../../../src/storage/nodes.ts";
import type { Tables } from "../../../src/storage.ts";
import { rootRecord } from "../../../src/tree/index.ts";
import { prepared, type StorageUnderTest } from "./under-test.ts";

const IDS = Array.from({ length: 12 }, (_, index) => `n${index}`);
const id = fc.constantFrom(...IDS);
/** Ten of these are more than may stay in memory unchanged. */
const TEXT = "x".repeat(1024 * 1024);

const step = fc.oneof(
  fc.record({ do: fc.constant("expect" as const), ids: fc.array(id, { maxLength: 12 }) }),
  fc.record({ do: fc.constantFrom("put" as const, "delete" as const, "get" as const, "get" as const), id }),
  fc.record({ do: fc.constantFrom("written" as const, "read all" as const) }),
);

export function registerExpect({ create, runs }: StorageUnderTest): void {
  describe("looking many ids up at once", () => {
    it.each([true, false])(
      "D2 D11 never lies, whatever is written and let go between (a new table: %s)",
      async (empty) => {
        const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          await create((tables) => {
            prepared(tables);
            const twin = new Map<string, number>();
            if (!empty) {
              const rows = ["root", "n1", "n3"].map((each) => rootRecord(each, "item", { n: 0, text: TEXT }));
              tables.nodes.write(new Map(rows.map((row) => [row.id, row])));
              for (const row of rows) twin.set(row.id, 0);
            }
            const nodes = createNodeRows(tables.nodes, "root", FIRST_TOTALS, null, empty);
            for (const [n, each] of steps.entries()) {
              if (each.do === "expect") nodes.expect(each.ids);
              else if (each.do === "put") {
                nodes.put(rootRecord(each.id, "item", { n, text: TEXT }));
                twin.set(each.id, n);
              } else if (each.do === "delete") {
                nodes.delete(each.id);
                twin.delete(each.id);
              } else if (each.do === "get") expect(nodes.get(each.id)?.attrs.n).toBe(twin.get(each.id));
              else if (each.do === "written") {
                tables.transaction(() => nodes.write());
                nodes.written();
              } else for (const one of IDS) nodes.get(one);
            }
            nodes.expect(IDS);
            for (const one of IDS) expect(nodes.get(one)?.attrs.n, one).toBe(twin.get(one));
          });
        });
        await fc.assert(property, runs(60));
      },
    );

    it("D2 reads no row twice: neither of what was found absent nor of a table that is known to be empty", () =>
      create((tables) => {
        prepared(tables);
        let reads = 0;
        const counted = (real: Tables["nodes"]): Tables["nodes"] => ({
          ...real,
          get(each) {
            reads++;
            return real.get(each);
          },
          existing(each) {
            reads++;
            return real.existing(each);
          },
        });
        const nodes = createNodeRows(counted(tables.nodes), "root", FIRST_TOTALS, null, false);
        nodes.expect(IDS);
        for (const each of IDS) expect(nodes.get(each)).toBe(undefined);
        nodes.expect(IDS);
        expect(reads, "one for all of them").toBe(1);
        nodes.written();
        nodes.get("n0");
        expect(reads, "rows may be there now").toBe(2);
        reads = 0;
        const fresh = createNodeRows(counted(tables.nodes), "root", FIRST_TOTALS, null, true);
        fresh.expect(IDS);
        for (const each of IDS) expect(fresh.get(each)).toBe(undefined);
        expect(reads).toBe(0);
      }));
  });
}
