import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Commit } from "../../scripts/replay/commits.ts";
import { createPlanner } from "../../scripts/replay/plan.ts";
import { openTrace } from "../../scripts/replay/trace.ts";
import { seqOfMoment } from "../../src/session/moments.ts";
import { eventsOf } from "../../src/storage/log.ts";
import { createSqliteTables, finish, type StoredDocument, type Tables } from "../../src/storage.ts";
import { applyEffect, fromData, type NodeData, type Operation, toData } from "../../src/tree/index.ts";
import { openTestSql } from "../support/node-sqlite.ts";
import { treeAtOnce } from "../support/stored.ts";
import { missingTraces, readTextTrace, TEXT_TRACES } from "../support/text-traces.ts";
import { createWriter, reopen } from "../support/writer.ts";

// What real people have done. `TRACES=whole` replays all of it, which takes minutes; else the beginning of each.
const isWhole = process.env.TRACES === "whole";
const SHARE = 250;
const APART = 50;

const ROOT: NodeData = { id: "root", type: "folder", attrs: { text: "" } };
const fileOf = (name: string) => `../shared/traces/${name}.jsonl.gz`;

describe("V9 V65 V136 the tree at every 50th seq, found from the end, is that of a fresh replay, by time, after retention, and from a version on", () => {
  test.each(["hono", "sharedb"])("of the files of %s", { timeout: 600_000 }, async (name) => {
    if (!existsSync(fileOf(name))) return void console.info(`skipped: there is no ${fileOf(name)}`);
    const commits = (await openTrace(fileOf(name))).commits();
    const planner = createPlanner("root");
    expectTimeTravel(eachOf(await take(commits), (commit, index) => planner.plan(commit, index)));
  });

  test.each(TEXT_TRACES)("of the text of %s", { timeout: 600_000 }, (name) => {
    const missing = missingTraces([name]);
    if (missing) return void console.info(`skipped: ${missing}`);
    const { transactions } = readTextTrace(name);
    const edits = transactions.slice(0, isWhole ? undefined : 3 * SHARE).flatMap(({ patches }) => patches);
    // Of several authors one after the other: what each had not seen is the affair of others (X90).
    let length = 0;
    expectTimeTravel(
      eachOf(edits, ([at, deleted, inserted]) => {
        const from = Math.min(at, length);
        const gone = Math.min(deleted, length - from);
        length += inserted.length - gone;
        return [{ op: "edit", id: "root", attr: "text", changes: changesOf(from, gone, inserted) }];
      }),
    );
  });
});

async function take(commits: AsyncIterable<Commit>): Promise<Commit[]> {
  const taken: Commit[] = [];
  for await (const commit of commits) {
    if (!isWhole && taken.length >= SHARE) break;
    taken.push(commit);
  }
  return taken;
}

function* eachOf<T>(
  list: readonly T[],
  plan: (each: T, index: number) => readonly Operation[],
): Generator<readonly Operation[]> {
  for (const [index, each] of list.entries()) yield plan(each, index);
}

function changesOf(at: number, deleted: number, inserted: string): (number | string)[] {
  return [...(at > 0 ? [at] : []), ...(deleted > 0 ? [-deleted] : []), ...(inserted === "" ? [] : [inserted])];
}

function expectTimeTravel(mutations: Iterable<readonly Operation[]>): void {
  const sql = openTestSql();
  const tables = withShortSteps(createSqliteTables(sql));
  const { stored, submit, commit } = createWriter(tables, ROOT);
  let made = 0;
  for (const ops of mutations) {
    const outcome = submit("ann", ops);
    if (!outcome.ok) throw new Error(`mutation ${made}: ${outcome.problem.message}`);
    if (++made % 8 === 0) commit();
    if (made % 200 === 0) finish(stored.checkpointInSteps(stored.time));
  }
  commit();
  const { trees, times } = replayed(stored);
  const travels = (each: StoredDocument) => {
    for (const [seq, tree] of trees) {
      const view = treeAtOnce(each, seq);
      if (seq < each.historyFrom - 1) expect(view, `at ${seq}`).toBe(null);
      else expect(view && JSON.stringify(sorted(toData(view))), `at ${seq}`).toBe(tree);
      if (seq < each.historyFrom) continue;
      const time = times[seq - 1]?.[1] ?? 0;
      const last = times.findLastIndex(([, other]) => other <= time) + 1;
      expect(seqOfMoment(each, { time })).toEqual({ ok: true, value: last });
    }
  };
  travels(stored);
  expect(tables.skips.has(1, 128), "steps are there").toBe(true);
  const again = reopen(tables).stored;
  travels(again);
  // The older part of it goes, with the steps that lead there. (Hundreds of keystrokes stand in one row.)
  const kept = times[Math.floor(times.length * 0.75)]?.[1] ?? 0;
  again.configure({ ...again.options, historyRetention: again.time - kept });
  for (let rounds = 0; again.dirty && rounds < 10_000; rounds++) finish(again.checkpointInSteps(again.time));
  expect(again.historyFrom).toBeGreaterThan(1);
  travels(again);
  travels(reopen(tables).stored);
  expectVersionKept(reopen(tables).stored, tables, trees);
  sql.close();
}

/** From a version on all of it stays as it was, whatever the history is bounded to; what it alone has kept goes with it. */
function expectVersionKept(stored: StoredDocument, tables: Tables, trees: ReadonlyMap<number, string>): void {
  const seqs = [...trees.keys()].filter((seq) => seq >= stored.historyFrom);
  const kept = seqs[Math.floor(seqs.length / 3)] ?? 0;
  expect(kept).toBeGreaterThan(0);
  // Typing of many commits is one row.
  const from = stored.log.at(kept + 1)?.first ?? 0;
  stored.versions.put({ id: "kept", name: "kept", seq: kept, time: stored.time, userId: null });
  stored.configure({ ...stored.options, historyMaxEvents: 0 });
  finish(stored.checkpointInSteps(stored.time));
  expect(stored.historyFrom).toBe(from);
  for (const each of [stored, reopen(tables).stored]) {
    expect(seqOfMoment(each, { version: "kept" })).toEqual({ ok: true, value: kept });
    for (const [seq, tree] of trees) {
      const view = treeAtOnce(each, seq);
      expect(view && JSON.stringify(sorted(toData(view))), `at ${seq}`).toBe(seq >= from - 1 ? tree : null);
    }
  }
  const again = reopen(tables).stored;
  again.forgetVersion("kept");
  finish(again.checkpointInSteps(again.time));
  expect([again.historyFrom, tables.skips.has(0, 128)]).toEqual([again.seq + 1, false]);
}

/** The tree at every 50th seq, by applying the events of the log from the beginning, and when each event was. */
function replayed({ log, seq: end }: StoredDocument): { trees: Map<number, string>; times: [number, number][] } {
  const store = fromData(ROOT, () => "");
  const trees = new Map([[0, JSON.stringify(sorted(toData(store)))]]);
  const times: [number, number][] = [];
  for (const commit of log.after(0)) {
    for (const { seq, time, ops } of eventsOf(commit)) {
      for (const effect of ops) applyEffect(store, effect, seq);
      times.push([seq, time]);
      if ((end - seq) % APART === 0) trees.set(seq, JSON.stringify(sorted(toData(store))));
    }
  }
  return { trees, times };
}

/** Attributes in one order. */
function sorted({ children, attrs = {}, ...node }: NodeData): NodeData {
  const entries = Object.entries(attrs).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...node, attrs: Object.fromEntries(entries), children: children?.map(sorted) };
}

function withShortSteps(tables: Tables): Tables {
  return Object.create(tables, { skips: { value: { ...tables.skips, shape: { step: 16, fanOut: 4 } } } });
}
