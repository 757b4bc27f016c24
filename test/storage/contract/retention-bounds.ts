import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../../src/protocol/index.ts";
import type { Tables } from "../../../src/storage.ts";
import type { NodeData } from "../../../src/tree/index.ts";
import { problemsOf, rowIdsOf } from "../../support/stored.ts";
import { BEGIN, createWriter, reopen, type Writer } from "../../support/writer.ts";
import { item, remove, update } from "../../tree/document.ts";
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

    it("D12 is the nodes of some removals, so that they fit into memory", () =>
      create((tables) => {
        const branch = (name: string) => item(name, ...range(10_000).map((index) => item(`${name}-${index}`)));
        const tree = item("root", ...range(20).map((index) => branch(`b${index}`)));
        const { stored, write } = start({ ...tables, capacity: null }, tree);
        for (const index of range(20)) expect(write("ann", remove(`b${index}`))).toMatchObject({ ok: true });
        stored.checkpoint();
        const steps: number[] = [];
        const { write: writeRows } = tables.nodes;
        const counting = {
          ...tables.nodes,
          write: (changes: Parameters<typeof writeRows>[0]) => {
            steps.push(changes.size);
            writeRows(changes);
          },
        };
        reopen({ ...tables, capacity: null, nodes: counting }).stored.checkpoint(LATER);
        expect(rowIdsOf(tables)).toEqual(["root"]);
        expect(Math.max(...steps), "changed at once").toBeLessThanOrEqual(70_000);
        expect(steps.length).toBeGreaterThan(3);
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
