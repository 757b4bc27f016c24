import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../../src/protocol/index.ts";
import { historyPage } from "../../../src/session/history.ts";
import { finish } from "../../../src/storage.ts";
import { problemsOf, treeAtOnce } from "../../support/stored.ts";
import { createWriter, reopen } from "../../support/writer.ts";
import { item, move, remove, update } from "../../tree/document.ts";
import { outline } from "../../tree/outline.ts";
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

    it("V65 a state that is named while a large commit behind it is read to be let go of is as it was", () =>
      create((sql) => {
        const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
        const [moved, removed] = [names.slice(1, 20), names.slice(20)];
        const options = { ...DEFAULT_OPTIONS, historyRetention: 0 };
        const { stored, write } = createWriter(sql, item("root", ...names.map((name) => item(name))), options);
        const before = outline(stored.nodes);
        // What it moves first has gone when the rest is read.
        const text = "x".repeat(100_000);
        const changes = removed.flatMap((name) => [update(name, { text }), remove(name)]);
        write("ann", [...moved.map((name) => move(name, "n0")), ...changes]);
        const letGo = stored.checkpointInSteps(stored.time + 1);
        for (let round = 0; round < 4; round++) expect(letGo.next(0).done).toBe(false);
        expect(stored.historyFrom).toBe(1);
        stored.versions.put({ id: "v", name: "v", seq: 0, time: stored.time, userId: null });
        finish(letGo);
        expect(stored.historyFrom).toBe(1);
        const again = reopen(sql).stored;
        expect(outline(treeAtOnce(again, 0) ?? again.nodes)).toBe(before);
        again.forgetVersion("v");
        finish(again.checkpointInSteps(again.time + 1));
        expect([again.historyFrom, again.nodes.size, problemsOf(sql, again)]).toEqual([2, 21, []]);
      }));
  });
}
