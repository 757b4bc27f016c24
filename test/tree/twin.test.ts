import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { checkTree, type NodeId, type Verdict } from "../../src/tree/index.ts";
import { seesFrom } from "./document.ts";
import { createNaiveTree, type NaiveVerdict } from "./naive-tree.ts";
import { outline } from "./outline.ts";
import { createCounters, idsFrom, play } from "./play.ts";
import { attrsProblem, history, START, type Step } from "./random-history.ts";
import { runs } from "./seed.ts";

const RUNS = 1_000;
const counters = createCounters();

describe("the tree and its naive twin", { timeout: 120_000 }, () => {
  it("T1–T7, C1–C13: give every mutation the same verdict, receipts and outline", () => {
    fc.assert(fc.property(history, agree), runs(RUNS));
  });

  it("the histories met every receipt, every rejection and every kind of operation", () => {
    const least = (count: number, ...names: string[]) => {
      for (const name of names) expect(counters.counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(count);
    };
    least(RUNS * 10, "accepted", "rejected");
    least(RUNS * 5, "lagging", "several operations");
    least(RUNS, "insert", "move", "update", "remove", "restore", "removed twice");
    least(RUNS / 2, "receipt redirected", "receipt rescued", "receipt removed", "anchored to itself");
    least(RUNS / 2, "code notFound", "code root", "code exists", "code cycle", "code removed");
    least(RUNS / 20, "code unseen", "code tooLarge", "several rescued");
  });

  afterAll(() => console.info("the histories met", Object.fromEntries([...counters.counts].sort())));
});

function agree(steps: readonly Step[]): void {
  const twin = createNaiveTree(START, () => "");
  // The twin keeps its own book of who wrote what.
  const book: { author: string }[] = [];
  let dead = new Set<NodeId>();
  for (const turn of play(steps)) {
    const { step, seq, base, usedIds, document, before, verdict } = turn;
    const { author, conflicts, ops } = step;
    counters.count(turn, (id) => dead.has(id));
    const { newId } = idsFrom(usedIds);
    const answer = twin.mutate(ops, { seq, newId, sees: seesFrom(base, author, book), conflicts, attrsProblem });
    expectSame(verdict, answer);
    expect(outline(document.store)).toBe(twin.outline());
    expect(document.store.size).toBe(twin.size());
    const records = [...document.store.records()];
    expect(checkTree(document.store, records)).toEqual([]);
    if (verdict.ok) {
      book.push({ author });
      dead = new Set(records.filter(({ removed }) => removed !== null).map(({ id }) => id));
    } else expect(document.text(), "T4: a refused mutation leaves no trace").toBe(before);
  }
}

function expectSame(verdict: Verdict, answer: NaiveVerdict): void {
  if (verdict.ok) {
    const { redirected = [], rescued = [], removed = [] } = verdict.receipts;
    expect({ ok: true, redirected, rescued, removed }).toEqual(answer);
  } else {
    // The twin names a seq only where an event of someone's surely won.
    const { op, code, seq } = verdict;
    expect({ ok: false, op, code, ...(!answer.ok && answer.seq !== undefined && { seq }) }).toEqual(answer);
  }
}
