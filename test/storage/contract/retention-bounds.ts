import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../../src/protocol/index.ts";
import type { Tables } from "../../../src/storage.ts";
import type { NodeData } from "../../../src/tree/index.ts";
import { problemsOf, rowIdsOf } from "../../support/stored.ts";
import { BEGIN, createWriter, type Writer } from "../../support/writer.ts";
import { item, remove, update } from "../../tree/document.ts";
import type { StorageUnderTest } from "./under-test.ts";

const KEEP = 1_000;
const LATER = BEGIN + 1_000 * KEEP;

export function registerRetentionBounds({ create }: StorageUnderTest): void {
  describe("what one checkpoint lets go", () => {
    it("D12 is a thousand commits; the next one goes on, without anything new", () =>
      create((tables) => {
        const { stored, write } = start(tables, item("root", item("a")));
        for (let count = 0; count < 2_500; count++) write("ann", update("a", { count }));
        const begins = [1, 2, 3, 4].map(() => {
          stored.checkpoint(LATER);
          return stored.historyFrom;
        });
        expect(begins).toEqual([1_001, 2_001, 2_501, 2_501]);
        expect(stored.checkpointSeq).toBe(2_500);
      }));

    it("D12 is about 4 Mi characters of log, or a single commit that has more", () =>
      create((tables) => {
        const { stored, write } = start(tables, item("root", item("a")));
        const text = "x".repeat(500_000);
        for (let count = 0; count < 14; count++) write("ann", update("a", { text, count }));
        const begins: number[] = [];
        while (stored.historyFrom <= stored.seq && begins.length < 20) {
          stored.checkpoint(LATER);
          begins.push(stored.historyFrom);
        }
        // What is written counts, and so does what undoes it.
        expect(begins.length).toBeGreaterThanOrEqual(3);
        expect(begins.length).toBeLessThanOrEqual(4);
        expect(begins.at(-1)).toBe(15);
      }));

    it("D12 is the nodes of some removals, so that they fit into memory", () =>
      create((tables) => {
        const branch = (name: string) => item(name, ...range(10_000).map((index) => item(`${name}-${index}`)));
        const tree = item("root", ...range(20).map((index) => branch(`b${index}`)));
        const { stored, write } = start({ ...tables, capacity: null }, tree);
        for (const index of range(20)) expect(write("ann", remove(`b${index}`))).toMatchObject({ ok: true });
        stored.checkpoint();
        let before = rowIdsOf(tables).length;
        for (let rounds = 0; before > 1; rounds++) {
          expect(rounds).toBeLessThan(20);
          stored.checkpoint(LATER);
          const after = rowIdsOf(tables).length;
          expect(before - after, "rows deleted by one checkpoint").toBeGreaterThan(0);
          expect(before - after).toBeLessThanOrEqual(110_000);
          before = after;
        }
        expect(problemsOf(tables, stored)).toEqual([]);
      }));
  });
}

function start(tables: Tables, tree: NodeData): Writer {
  return createWriter(tables, tree, { ...DEFAULT_OPTIONS, historyRetention: KEEP });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
