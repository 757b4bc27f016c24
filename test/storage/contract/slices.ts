import { describe, expect, it } from "vitest";
import { eventText, type TreeEvent } from "../../../src/protocol/index.ts";
import { type Effect, EXPIRED } from "../../../src/tree/index.ts";
import { problemsOf, rowIdsOf } from "../../support/stored.ts";
import { BEGIN, createWriter, reopen } from "../../support/writer.ts";
import { item, remove, update } from "../../tree/document.ts";
import type { StorageUnderTest } from "./under-test.ts";

const TEXT = "x".repeat(1_000_000);

export function registerSlices({ create }: StorageUnderTest): void {
  describe("a history with large commits", () => {
    it("B38 is let go of 256 KiB at a time, and a commit only when all of it was read", () =>
      create((tables) => {
        const { stored, submit, commit } = createWriter(tables, item("root", item("a"), item("b"), item("c")));
        submit("ann", update("a", { text: TEXT }));
        submit("ann", remove("b"));
        submit("ann", update("a", { text: `${TEXT}y` }));
        commit();
        submit("ann", update("c", { x: 1 }));
        commit();
        stored.configure({ ...stored.options, historyRetention: 0 });
        const steps = stored.checkpointInSteps(BEGIN + 1_000_000);
        let turns = 0;
        while (!steps.next(BEGIN).done) {
          turns++;
          const gone = stored.historyFrom > 3;
          expect(stored.nodes.get("b")?.removed === EXPIRED || stored.nodes.get("b") === undefined).toBe(gone);
        }
        // In memory it is no longer than what is read at once; in a database an effect of a megabyte is a slice of its own.
        expect(turns).toBeGreaterThanOrEqual(tables.capacity === null ? 3 : 1);
        expect([stored.historyFrom, stored.nodes.get("b")]).toEqual([5, undefined]);
        expect(rowIdsOf(tables)).toEqual(["a", "c", "root"]);
        expect(problemsOf(tables, reopen(tables).stored)).toEqual([]);
      }));

    it("B38 B30 that has removed many large nodes lets go of them within 16 MiB, all of them or none", () =>
      create((tables) => {
        const children = Array.from({ length: 24 }, (_, index) => ({ ...item(`n${index}`), attrs: { text: TEXT } }));
        createWriter(tables, item("root", ...children));
        const ops = children.map(({ id = "" }): Effect => ({ op: "remove", id }));
        // As the code before could decide it.
        const event: TreeEvent = { seq: 1, time: BEGIN, client: null, mutation: null, userId: null, ops };
        const inverse = children.map(() => ({ op: "update", id: "root" }));
        tables.log.append({
          ...{ first: 1, last: 1, time: BEGIN },
          events: eventText(event),
          inverses: JSON.stringify(inverse),
        });
        const { stored } = reopen(tables);
        stored.configure({ ...stored.options, historyRetention: 0 });
        let most = 0;
        const { nodes } = stored;
        const { edit } = nodes;
        nodes.edit = (id, known) => {
          most = Math.max(most, nodes.dirtyWeight);
          return edit(id, known);
        };
        stored.checkpoint(BEGIN + 1_000_000);
        expect(most).toBeLessThan(19 * 1024 * 1024);
        expect(stored.historyFrom).toBe(2);
        for (let round = 0; round < 5; round++) stored.checkpoint(BEGIN + 1_000_000);
        expect(rowIdsOf(tables)).toEqual(["root"]);
      }));
  });
}
