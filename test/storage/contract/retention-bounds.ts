import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../../src/protocol/index.ts";
import type { Tables } from "../../../src/storage.ts";
import type { NodeData } from "../../../src/tree/index.ts";
import { problemsOf, rowIdsOf } from "../../support/stored.ts";
import { BEGIN, createWriter, reopen, type Writer } from "../../support/writer.ts";
import { item, move, remove, update } from "../../tree/document.ts";
import type { StorageUnderTest } from "./under-test.ts";

const KEEP = 1_000;
const LATER = BEGIN + 1_000 * KEEP;

export function registerRetentionBounds({ create }: StorageUnderTest): void {
  describe("what one checkpoint lets go", () => {
    it("D12 is twelve thousand commits, more than one interval can bring; the next one goes on", () =>
      create((tables) => {
        const { stored, write } = start(tables, item("root", item("a")));
        for (let count = 0; count < 12_500; count++) write("ann", update("a", { count }));
        const begins = [1, 2, 3].map(() => {
          stored.checkpoint(LATER);
          return stored.historyFrom;
        });
        expect(begins).toEqual([12_001, 12_501, 12_501]);
        expect(stored.checkpointSeq).toBe(12_500);
      }));

    it("D12 is three thousand nodes of what was removed, however large; the next ones go on, after a wake-up too", () =>
      create((tables) => {
        const branch = (name: string) => item(name, ...range(999).map((index) => item(`${name}-${index}`)));
        const tree = item("root", ...range(10).map((index) => branch(`b${index}`)));
        const { stored, write } = start({ ...tables, capacity: null }, tree);
        for (const index of range(10)) expect(write("ann", remove(`b${index}`))).toMatchObject({ ok: true });
        stored.checkpoint();
        const left = range(5).map(() => {
          const again = reopen({ ...tables, capacity: null });
          again.stored.checkpoint(LATER);
          expect(problemsOf(tables, again.stored)).toEqual([]);
          // What is deleted bit by bit is not there any more for anybody.
          expect(again.write("bob", move("b9", "root"))).toMatchObject({ ok: false, problem: { code: "notFound" } });
          return rowIdsOf(tables).length;
        });
        expect(left).toEqual([7_001, 4_001, 1_001, 1, 1]);
      }));
  });
}

function start(tables: Tables, tree: NodeData): Writer {
  return createWriter(tables, tree, { ...DEFAULT_OPTIONS, historyRetention: KEEP });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
