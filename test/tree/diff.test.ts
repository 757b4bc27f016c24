import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyInverse,
  createLayer,
  fromData,
  isAlive,
  mutate,
  type NodeId,
  type Operation,
  operationsBetween,
  type ReadStore,
  restoreOperations,
  toData,
} from "../../src/tree/index.ts";
import { runs } from "../support/seed.ts";
import { noNewId, type TestDocument } from "./document.ts";
import { outline } from "./outline.ts";
import { playAll } from "./play.ts";
import { history, type Step } from "./random-history.ts";

const RUNS = 40;

/** The tree as it was after an event. */
function at(document: TestDocument, seq: number): ReadStore {
  const layer = createLayer(document.store, null);
  for (const { inverse } of document.events.slice(seq).reverse()) for (const each of inverse) applyInverse(layer, each);
  return layer;
}

/** What events name, and whether they put it somewhere. */
function namedBetween(document: TestDocument, from: number, to: number): Map<NodeId, boolean> {
  const named = new Map<NodeId, boolean>();
  for (const { ops } of document.events.slice(Math.min(from, to), Math.max(from, to))) {
    for (const effect of ops) {
      const id = effect.op === "insert" ? effect.node.id : effect.id;
      const isPlaced = effect.op !== "update" && effect.op !== "edit";
      named.set(id, isPlaced || named.get(id) === true);
    }
  }
  return named;
}

const alive = (store: ReadStore) => (id: NodeId) => {
  const node = store.get(id);
  return node && isAlive(store, node) ? node : undefined;
};

function diff(document: TestDocument, from: number, to: number): Operation[] {
  const [before, after] = [alive(at(document, from)), alive(at(document, to))];
  const named = namedBetween(document, from, to);
  const lead = {
    ...{ before, after, named: [...named.keys()], isPlaced: (id: NodeId) => named.get(id) === true },
    ...({ top: "root", isMeant: (id: NodeId) => after(id) !== undefined, comes: "insert", content: before } as const),
    // biome-ignore lint/correctness/useYield: there is nothing to look at
    *goes() {
      return true;
    },
    changesOf: () => undefined,
  };
  return [...operationsBetween(lead)].filter((each) => each !== null);
}

/** Any two moments of a history. */
const moments = fc.record({ steps: history, from: fc.nat(), to: fc.nat() });

describe("operations that lead from one state to another", { timeout: 120_000 }, () => {
  it("V21 for random histories, forwards and backwards, with moves into each other and back", () => {
    let moved = 0;
    const leads = ({ steps, from: one, to: other }: { steps: readonly Step[]; from: number; to: number }) => {
      const document = playAll(steps);
      const [from, to] = [one % (document.events.length + 1), other % (document.events.length + 1)];
      const ops = diff(document, from, to);
      moved += ops.filter(({ op }) => op === "move").length;
      const state = fromData(toData(at(document, from)), noNewId);
      const verdict = mutate(state, ops, { seq: 1, newId: noNewId });
      expect(verdict, JSON.stringify(ops)).toMatchObject({ ok: true });
      expect(outline(state)).toBe(outline(at(document, to)));
    };
    fc.assert(fc.property(moments, leads), runs(RUNS));
    expect(moved).toBeGreaterThan(RUNS);
  });
});

describe("operations that restore", { timeout: 120_000 }, () => {
  const restore = (document: TestDocument, seq: number, top: NodeId, others: "keep" | "remove") => {
    const named = namedBetween(document, seq, document.events.length);
    const then = at(document, seq);
    const isPlaced = (id: NodeId) => named.get(id) === true;
    // biome-ignore lint/correctness/useYield: there is nothing to look at
    const isSplitOff = function* () {
      return false;
    };
    const rest = { isSplitOff, changesOf: () => undefined, others };
    return [...restoreOperations({ now: document.store, then, top, named, isPlaced, ...rest })].filter(
      (each) => each !== null,
    );
  };

  it("V31 the whole: the state of then, and to keep what others have put there takes nothing away", () => {
    const restores = ({ steps, to }: { steps: readonly Step[]; to: number }) => {
      for (const others of ["remove", "keep"] as const) {
        const document = playAll(steps);
        const seq = to % (document.events.length + 1);
        const then = at(document, seq);
        const there = idsIn(document.store);
        const was = outline(then);
        const ops = restore(document, seq, "root", others);
        expect(document.by("ann", ops), JSON.stringify(ops)).toMatchObject({ ok: true });
        if (others === "remove") expect(outline(document.store)).toBe(was);
        else expect([...there, ...idsIn(then)].filter((id) => !idsIn(document.store).has(id))).toEqual([]);
        expect(restore(document, seq, "root", others)).toEqual([]);
      }
    };
    fc.assert(fc.property(moments, restores), runs(RUNS));
  });

  it("V32 a branch: as it was then, and nothing outside of it is touched", () => {
    let whole = 0;
    const restores = ({ steps, from, to }: { steps: readonly Step[]; from: number; to: number }) => {
      for (const others of ["remove", "keep"] as const) {
        const document = playAll(steps);
        const seq = to % (document.events.length + 1);
        const then = at(document, seq);
        const ids = [...idsIn(then)];
        const top = ids[from % ids.length] ?? "";
        const branch = idsIn(then, top);
        const outside = () => linesOf(document.store, branch);
        const [before, was, there] = [outside(), outline(then, top), idsIn(document.store)];
        const ops = restore(document, seq, top, others);
        expect(document.by("ann", ops), JSON.stringify(ops)).toMatchObject({ ok: true });
        expect(outside()).toEqual(before);
        const isInside = [...pathTo(document.store, top)].some((id) => id !== top && branch.has(id));
        if (!isInside && others === "remove") expect(outline(document.store, top)).toBe(was);
        if (!isInside) expect([...branch].filter((id) => !idsIn(document.store, top).has(id))).toEqual([]);
        if (others === "keep") expect([...there].filter((id) => !idsIn(document.store).has(id))).toEqual([]);
        if (!isInside) whole++;
      }
    };
    fc.assert(fc.property(moments, restores), runs(RUNS));
    expect(whole).toBeGreaterThan(RUNS);
  });
});

function pathTo(store: ReadStore, id: NodeId): Set<NodeId> {
  const path = new Set<NodeId>();
  for (let here = store.get(id); here; here = store.get(here.parent ?? "")) path.add(here.id);
  return path;
}

/** The nodes that stand in none of these, in their order. */
function linesOf(store: ReadStore, tops: ReadonlySet<NodeId>): string[] {
  const outside = [...idsIn(store)].filter((id) => ![...pathTo(store, id)].some((each) => tops.has(each)));
  return outside.map((id) => JSON.stringify([id, store.get(id)?.parent, store.get(id)?.type, store.get(id)?.attrs]));
}

function idsIn(store: ReadStore, top: NodeId = store.root): Set<NodeId> {
  const lines = outline(store, top).split("\n");
  return new Set(lines.map((line) => line.trim().split(/[ :]/)[0] ?? ""));
}
