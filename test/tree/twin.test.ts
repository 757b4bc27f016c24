import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { checkTree, eachInSubtree, fullOrder, type MapStore, type NodeId, type Verdict } from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { seesFrom } from "./document.ts";
import { createNaiveTree, type NaiveVerdict } from "./naive-tree.ts";
import { outline } from "./outline.ts";
import { createCounters, idsFrom, play } from "./play.ts";
import { attrsProblem, history, START, type Step } from "./random-history.ts";

const RUNS = 300;
const counters = createCounters();

describe("the tree and its naive twin", { timeout: 240_000 }, () => {
  it("T1–T7, T12, T13, C1–C14: give every mutation the same verdict, receipts, outline and order with what is gone", () => {
    fc.assert(fc.property(history, agree), runs(RUNS));
  });

  it("the histories met every receipt, every rejection, every kind of operation and of anchor", () => {
    const least = (count: number, ...names: string[]) => {
      for (const name of names) expect(counters.counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(count);
    };
    least(RUNS * 10, "accepted", "rejected", "an event");
    least(RUNS * 5, "lagging", "several operations");
    least(RUNS, "insert", "move", "update", "remove", "restore", "removed twice", "no event");
    least(RUNS, "move that changes nothing", "update that changes nothing", "remove that changes nothing");
    least(RUNS / 2, "receipt redirected", "receipt rescued", "receipt removed", "anchored to itself");
    least(RUNS / 2, "code notFound", "code root", "code exists", "code cycle", "code removed");
    least(RUNS / 2, "anchored to a tombstone", "anchored to a ghost", "back to its ghost", "restored in place");
    least(RUNS / 2, "redirected to beside its anchor", "moved out of something removed");
    least(RUNS / 20, "code unseen", "code tooLarge", "several rescued");
    least(RUNS / 25, "restored inside something removed", "a ghost too many");
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
    if (answer.ok) for (const name of answer.met) counters.add(name);
    expectSame(verdict, answer);
    expect(outline(document.store)).toBe(twin.outline());
    expect(document.store.size).toBe(twin.size());
    expect(ordersText(document.store)).toBe(textOf(twin.orders()));
    expect(checkTree(document.store, document.store.records())).toEqual([]);
    if (verdict.ok && verdict.ops.length > 0) {
      book.push({ author });
      dead = deadIn(document.store);
    } else expect(document.text(), "T4, T12: what is refused, or changes nothing, leaves no trace").toBe(before);
  }
}

function expectSame(verdict: Verdict, answer: NaiveVerdict): void {
  if (verdict.ok) {
    const { redirected = [], rescued = [], removed = [] } = verdict.receipts;
    const changed = verdict.ops.length > 0;
    expect({ ok: true, changed, redirected, rescued, removed }).toEqual(
      answer.ok ? { ...answer, met: undefined } : answer,
    );
    if (!changed) expect(verdict.inverse).toEqual([]);
  } else {
    // The twin names a seq only where an event of someone's surely won.
    const { op, code, seq } = verdict;
    expect({ ok: false, op, code, ...(!answer.ok && answer.seq !== undefined && { seq }) }).toEqual(answer);
  }
}

/** What stands and stood below each node that anything stands or stood below, a node a line. */
function ordersText(store: MapStore): string {
  return textOf([...store.records()].map(({ id }) => [id, fullOrder(store, id)]));
}

function textOf(orders: Iterable<readonly [NodeId, readonly string[]]>): string {
  const lines = [...orders].filter(([, order]) => order.length > 0).map(([id, order]) => `${id}: ${order.join(" ")}`);
  return lines.sort().join("\n");
}

/** The nodes that are removed, or lie in what is. */
function deadIn(store: MapStore): Set<NodeId> {
  const dead = new Set([...store.records()].map(({ id }) => id));
  eachInSubtree(store, store.root, ({ id }) => dead.delete(id));
  return dead;
}
