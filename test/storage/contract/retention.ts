import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../../src/protocol/index.ts";
import type { StoredDocument, Tables } from "../../../src/storage.ts";
import { type NodeData, type Operation, toData } from "../../../src/tree/index.ts";
import { problemsOf, recordsOf, rowIdsOf, treeAtOnce } from "../../support/stored.ts";
import { BEGIN, createWriter, isEvent, reopen, type Writer } from "../../support/writer.ts";
import { insert, item, move, remove, update } from "../../tree/document.ts";
import { fromOutline, outline } from "../../tree/outline.ts";
import { history, START, type Step } from "../../tree/random-history.ts";
import type { StorageUnderTest } from "./under-test.ts";

const KEEP = 1_000;

export function registerRetention({ create, runs }: StorageUnderTest): void {
  describe("history that expires", () => {
    it("D12 D8 leaves every tree within the horizon as it was, and nothing of what lies before it", async () => {
      const plans = fc.array(fc.record({ pause: fc.nat(400), next: fc.constantFrom(...NEXT) }), {
        minLength: 1,
        maxLength: 60,
      });
      const property = fc.asyncProperty(history, plans, async (steps, plan) => {
        await create((tables) => playAndExpire(tables, steps, plan));
      });
      await fc.assert(property, runs(60));
    });

    it("D12 begins with the first commit that is not older than the horizon", () =>
      create((tables) => {
        const writer = start(tables, "root\n  a");
        for (const at of [0, 10, 20, 30]) writer.write("ann", update("a", { at }), { at: BEGIN + at });
        const from = (now: number) => {
          writer.stored.checkpoint(BEGIN + KEEP + now);
          return [writer.stored.historyFrom, writer.stored.reaches(writer.stored.historyFrom - 1)];
        };
        expect(writer.stored.historyFrom).toBe(1);
        expect([from(0), from(1), from(10), from(11), from(30)]).toEqual([
          [1, true],
          [2, true],
          [2, true],
          [3, true],
          [4, true],
        ]);
        expect(from(31), "nothing is left").toEqual([5, true]);
        const again = reopen(tables).stored;
        expect([again.historyFrom, again.seq, again.nodes.get("a")?.attrs]).toEqual([5, 4, { at: 30 }]);
        expect(reopen(tables).write("ann", update("a", { at: 40 }))).toMatchObject({ ok: true, value: { seq: 5 } });
      }));

    it("D12 stays for ever without a retention, and whenever a checkpoint is not told the time", () =>
      create((tables) => {
        const { stored, write } = createWriter(tables, item("root", item("a")));
        write("ann", remove("a"));
        stored.checkpoint(BEGIN * 2);
        expect([stored.historyFrom, rowIdsOf(tables)]).toEqual([1, ["a", "root"]]);
        const other = start(tables, "root\n  a");
        other.write("ann", remove("a"));
        other.stored.checkpoint();
        expect([other.stored.historyFrom, rowIdsOf(tables)]).toEqual([1, ["a", "root"]]);
      }));

    it("D12 takes the rows of what it removed along, and their ids can be inserted again", () =>
      create((tables) => {
        const writer = start(tables, "root\n  a\n    b\n      c\n  d");
        writer.write("ann", remove("a"), { at: BEGIN });
        writer.stored.checkpoint(BEGIN + KEEP);
        expect(rowIdsOf(tables)).toEqual(["a", "b", "c", "d", "root"]);
        expect(writer.write("bob", insert("b", "d"))).toMatchObject({ ok: false, problem: { code: "exists" } });
        writer.stored.checkpoint(BEGIN + KEEP + 1);
        expect(rowIdsOf(tables)).toEqual(["d", "root"]);
        expect(writer.stored.nodes.get("b")).toBe(undefined);
        expect(writer.write("bob", move("a", "root"))).toMatchObject({ ok: false, problem: { code: "notFound" } });
        expect(writer.write("bob", [insert("c", "d"), insert("a", "c")])).toMatchObject({ ok: true });
        writer.stored.checkpoint();
        const again = reopen(tables).stored;
        expect(outline(again.nodes)).toBe("root\n  d\n    c\n      a");
        expect(problemsOf(tables, again)).toEqual([]);
      }));

    it("D12 T7 what was removed within the horizon can be restored, whole", () =>
      create((tables) => {
        const writer = start(tables, "root\n  a\n    b\n  c\n    d");
        writer.write("ann", remove("a"), { at: BEGIN });
        writer.write("ann", remove("c"), { at: BEGIN + 1 });
        writer.stored.checkpoint(BEGIN + KEEP + 1);
        for (const { write, stored } of [reopen(tables)]) {
          expect(write("bob", move("a", "root"))).toMatchObject({ ok: false, problem: { code: "notFound" } });
          expect(write("bob", move("c", "root"))).toMatchObject({ ok: true });
          expect(outline(stored.nodes)).toBe("root\n  c\n    d");
          expect(problemsOf(tables, stored)).toEqual([]);
        }
      }));

    it("D12 what was restored, and removed again later, is kept for its later removal", () =>
      create((tables) => {
        const writer = start(tables, "root\n  a\n    b\n  c");
        writer.write("ann", remove("a"), { at: BEGIN });
        writer.write("ann", move("a", "c"), { at: BEGIN + 10 });
        writer.write("ann", remove("c"), { at: BEGIN + 20 });
        writer.stored.checkpoint(BEGIN + KEEP + 15);
        expect([writer.stored.historyFrom, rowIdsOf(tables)]).toEqual([3, ["a", "b", "c", "root"]]);
        expect(writer.write("bob", move("c", "root"), { at: BEGIN + 30 })).toMatchObject({ ok: true });
        expect(outline(writer.stored.nodes)).toBe("root\n  c\n    a\n      b");
        writer.write("bob", remove("c"), { at: BEGIN + 40 });
        writer.stored.checkpoint(BEGIN + KEEP + 41);
        expect(rowIdsOf(tables)).toEqual(["root"]);
      }));

    it("D12 T13 an id that is used anew has nothing of the places that were in the node before", () =>
      create((tables) => {
        const writer = start(tables, "root\n  a\n    b\n    c\n    d\n  e");
        writer.write("ann", move("c", "e"), { at: BEGIN });
        writer.write("ann", remove("a"), { at: BEGIN });
        writer.stored.checkpoint(BEGIN + KEEP + 1);
        expect(rowIdsOf(tables)).toEqual(["c", "e", "root"]);
        writer.write("bob", insert("a", "root"), { at: BEGIN + KEEP + 2 });
        writer.write("bob", insert("b", "a"), { at: BEGIN + KEEP + 2 });
        writer.write("bob", insert("n", "a", { after: "c", before: "b" }), { at: BEGIN + KEEP + 2 });
        expect(outline(writer.stored.nodes)).toBe("root\n  e\n    c\n  a\n    n\n    b");
        expect(problemsOf(tables, writer.stored)).toEqual([]);
      }));

    // What lay in a removed node and was taken out of it: looking back before that needs a place for it.
    it.each<[string, Operation[]]>([
      ["a child of what expired", [remove("a"), move("b", "root")]],
      ["a child behind another of what expired", [remove("a"), move("c", "root")]],
      ["a child deep in what expired", [remove("a"), move("d", "root")]],
      ["a child whose id and whose parent's id were used anew", [remove("a"), move("b", "root"), insert("a", "b")]],
      ["what was removed beside what expired", [remove("b"), remove("c"), move("b", "root")]],
      ["what was removed in what expired", [remove("c"), remove("a"), move("c", "root")]],
      ["what was put back into what expired", [remove("b"), remove("a"), move("b", "a"), move("b", "root")]],
      ["what was updated after it was removed", [remove("a"), update("b", { x: 1 }), update("e", { x: 1 })]],
    ])("D12 D8 looks back to before the restoring of %s", (_, operations) =>
      create((tables) => {
        for (let horizon = 0; horizon <= operations.length; horizon++) {
          // What is past the horizon is gone before the rest happens, or goes when all has happened.
          for (const isGoneBefore of [true, false]) {
            tables.clear();
            const writer = start(tables, "root\n  a\n    b\n    c\n      d\n  e");
            const recorded = [toData(writer.stored.nodes)];
            for (const [index, operation] of operations.entries()) {
              if (isGoneBefore && index === horizon) writer.stored.checkpoint(BEGIN + KEEP + 10 * index);
              if (isEvent(writer.write("ann", operation, { at: BEGIN + 10 * index })))
                recorded.push(toData(writer.stored.nodes));
            }
            writer.stored.checkpoint(BEGIN + KEEP + 10 * horizon);
            for (const { stored } of [writer, reopen(tables)]) expectTravel(tables, stored, recorded);
          }
        }
      }),
    );
  });
}

const NEXT = ["go on", "go on", "commit", "commit", "checkpoint", "checkpoint", "reload"] as const;

function start(tables: Tables, tree: string): Writer {
  return createWriter(tables, fromOutline(tree), { ...DEFAULT_OPTIONS, historyRetention: KEEP });
}

function playAndExpire(
  tables: Tables,
  steps: readonly Step[],
  plan: readonly { readonly pause: number; readonly next: (typeof NEXT)[number] }[],
): void {
  let writer = createWriter(tables, START, { ...DEFAULT_OPTIONS, historyRetention: KEEP });
  const recorded = [toData(writer.stored.nodes)];
  let now = BEGIN;
  for (const [index, { author, lag, ops }] of steps.entries()) {
    const { pause = 0, next = "go on" } = plan[index % plan.length] ?? {};
    now += pause;
    const base = lag === null ? {} : { base: Math.max(0, recorded.length - 1 - lag) };
    if (isEvent(writer.submit(author, ops, { ...base, at: now }))) recorded.push(toData(writer.stored.nodes));
    if (next === "go on") continue;
    writer.commit();
    if (next === "reload") writer = reopen(tables);
    if (next !== "checkpoint") continue;
    writer.stored.checkpoint(now);
    for (const commit of writer.stored.log.after(0)) expect(commit.time).toBeGreaterThanOrEqual(now - KEEP);
    for (const { stored } of [writer, reopen(tables)]) expectTravel(tables, stored, recorded);
  }
}

/** The tree at every seq is the one recorded, or out of reach; and no removed node is kept longer than its removal. */
function expectTravel(tables: Tables, stored: StoredDocument, recorded: readonly NodeData[]): void {
  for (const [seq, data] of recorded.entries()) {
    const view = treeAtOnce(stored, seq);
    if (seq < stored.historyFrom - 1) expect(view, `seq ${seq} is expired`).toBe(null);
    else expect(view && toData(view), `seq ${seq}`).toEqual(data);
  }
  expect(problemsOf(tables, stored)).toEqual([]);
  const records = recordsOf(tables, stored);
  // What was removed more than once goes with the last time.
  const lastOf = (removed: number, removers: readonly number[] = []) => Math.max(removed, ...removers.map(Math.abs));
  const kept = records.filter(
    ({ removed, past }) => removed !== null && lastOf(removed, past?.removers) < stored.historyFrom,
  );
  expect(kept, "removed before the history begins").toEqual([]);
}
