import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMeter, finish, type StoredDocument, type Tables, treeAt } from "../../../src/storage.ts";
import { type ReadStore, toData } from "../../../src/tree/index.ts";
import { problemsOf, treeAtOnce } from "../../support/stored.ts";
import { createWriter, isEvent, reopen } from "../../support/writer.ts";
import { item, update } from "../../tree/document.ts";
import { history, START, type Step } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

export function registerTimeTravel({ create, runs }: StorageUnderTest): void {
  describe("time travel", () => {
    it("D8 the tree at every earlier seq is the tree as it was", async () => {
      const property = fc.asyncProperty(history, fc.nat(10), async (steps, group) => {
        await create((tables) => travel(tables, steps, group + 1));
      });
      await fc.assert(property, runs(60));
    });

    it("D8 reaches back as far as the log does, and says where it does not", () =>
      create((tables) => {
        const { stored, submit, write, commit } = createWriter(tables, item("root", item("a")));
        for (let seq = 1; seq <= 10; seq++) write("ann", update("a", { seq }));
        for (let seq = 11; seq <= 13; seq++) submit("ann", update("a", { seq }));
        commit();
        const at = (seq: number) => treeAtOnce(stored, seq)?.get("a")?.attrs.seq ?? null;
        expect([at(0), at(1), at(10), at(11), at(12), at(13)]).toEqual([null, 1, 10, 11, 12, 13]);
        expect(treeAtOnce(stored, 0)?.get("a")?.attrs).toEqual({});
        tables.log.drop(4);
        // What event 5 undoes still leads to 4, and no further.
        expect([at(4), at(5), at(12)]).toEqual([4, 5, 12]);
        expect([treeAtOnce(stored, 3), treeAtOnce(stored, 0)]).toEqual([null, null]);
        tables.log.drop(13);
        expect([treeAtOnce(stored, 12), at(13)]).toEqual([null, 13]);
      }));

    it("D8 history that expires while it is looked back through may be, and what is committed meanwhile is not seen", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")));
        for (let seq = 1; seq <= 10; seq++) write("ann", update("a", { seq }));
        // A slice a commit.
        const begin = (seq: number) => {
          const work = treeAt(stored, frozen(stored), seq, createMeter(1));
          expect(work.next(0).done).toBe(false);
          return work;
        };
        const [early, late] = [begin(2), begin(7)];
        write("ann", update("a", { seq: 11 }));
        tables.log.drop(5);
        const found = [finish(early), finish(late)].map((view) =>
          typeof view === "string" ? view : view.get("a")?.attrs,
        );
        // It may have been read already.
        expect(["expired", { seq: 2 }]).toContainEqual(found[0]);
        expect(found[1]).toEqual({ seq: 7 });
      }));

    it("D8 one event of many operations is looked back through in slices, too", () =>
      create((tables) => {
        const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
        const { stored, write } = createWriter(tables, item("root", ...names.map((name) => item(name))));
        write(
          "ann",
          names.map((name) => update(name, { x: 1 })),
        );
        const meter = createMeter(1);
        const view = frozen(stored);
        const get: ReadStore["get"] = (id) => {
          meter.add(1);
          return view.get(id);
        };
        const work = treeAt(stored, { ...view, get }, 0, meter);
        let slices = 1;
        while (!work.next(0).done) slices++;
        expect(slices).toBeGreaterThan(names.length);
      }));

    it("D8 looking back changes nothing", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")));
        write("ann", update("a", { x: 1 }));
        stored.checkpoint();
        treeAtOnce(stored, 0);
        expect([stored.nodes.dirty, stored.nodes.get("a")?.attrs]).toEqual([0, { x: 1 }]);
        expect(problemsOf(tables, stored)).toEqual([]);
      }));
  });
}

/** The tree as it is now. It is never let go: a test is short. */
function frozen({ nodes }: StoredDocument): ReadStore {
  return nodes.freeze().view;
}

function travel(tables: Tables, steps: readonly Step[], group: number): void {
  const writer = createWriter(tables, START);
  const { stored } = writer;
  const remembered = [toData(stored.nodes)];
  for (const [index, { author, lag, ops }] of steps.entries()) {
    const base = lag === null ? {} : { base: Math.max(0, remembered.length - 1 - lag) };
    const outcome = writer.submit(author, ops, base);
    if (isEvent(outcome)) remembered.push(toData(stored.nodes));
    if (index % group > 0) continue;
    writer.commit();
    if (index % 3 === 2) stored.checkpoint();
  }
  writer.commit();
  for (const each of [stored, reopen(tables).stored]) {
    for (const [seq, data] of remembered.entries()) {
      const view = treeAtOnce(each, seq);
      expect(view && toData(view)).toEqual(data);
      expect(view?.size).toBe(count(data));
    }
  }
}

function count(data: ReturnType<typeof toData>): number {
  let nodes = 0;
  const queue = [data];
  for (let node = queue.pop(); node; node = queue.pop()) {
    nodes++;
    queue.push(...(node.children ?? []));
  }
  return nodes;
}
