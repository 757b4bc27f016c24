import type { NodeId, Operation, Verdict } from "../../src/tree/index.ts";
import { openDocument, type TestDocument, unseenPlaced } from "./document.ts";
import { attrsProblem, generatedId, START, type Step } from "./random-history.ts";

/** One step of a history that was played. */
export interface Turn {
  readonly step: Step;
  readonly seq: number;
  readonly base: number | undefined;
  /** How many generated ids the document had used before. */
  readonly usedIds: number;
  readonly document: TestDocument;
  /** Every record as it was before, as text. */
  readonly before: string;
  readonly verdict: Verdict;
}

/** Plays a history on a new document, and stops after each step to be looked at. */
export function* play(steps: readonly Step[]): Generator<Turn, TestDocument> {
  const document = openDocument(START);
  let usedIds = 0;
  for (const step of steps) {
    const { author, lag, conflicts, ops } = step;
    const seq = document.events.length + 1;
    const base = lag === null ? undefined : Math.max(0, seq - 1 - lag);
    const before = document.text();
    const ids = idsFrom(usedIds);
    const verdict = document.by(author, ops, {
      base,
      conflicts,
      attrsProblem,
      newId: ids.newId,
      // C14: both ways of finding what an author has not seen, to the same end.
      ...(author === "bob" && { unseenPlaced: () => unseenPlaced(base, author, document.events) }),
    });
    yield { step, seq, base, usedIds, document, before, verdict };
    // A refused mutation uses no ids, so that those that histories name do come up.
    if (verdict.ok) usedIds = ids.used();
  }
  return document;
}

/** Plays a history to its end. */
export function playAll(steps: readonly Step[]): TestDocument {
  const turns = play(steps);
  for (;;) {
    const turn = turns.next();
    if (turn.done) return turn.value;
  }
}

/** Gives ids from a number on. */
export function idsFrom(first: number): { newId: () => NodeId; used: () => number } {
  let next = first;
  return { newId: () => generatedId(next++), used: () => next };
}

/** How often the histories of a run met what: proof that they are not all harmless. */
export interface Counters {
  readonly counts: Map<string, number>;
  add(name: string): void;
  count(turn: Turn, wasRemoved: (id: NodeId) => boolean): void;
}

export function createCounters(): Counters {
  const counts = new Map<string, number>();
  const add = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    counts,
    add,
    count({ step: { ops, lag }, verdict }, wasRemoved) {
      add(verdict.ok ? "accepted" : "rejected");
      if (!verdict.ok) return add(`code ${verdict.code}`);
      add(verdict.ops.length > 0 ? "an event" : "no event");
      if (lag !== null && lag > 0) add("lagging");
      if (ops.length > 1) add("several operations");
      for (const receipt of Object.keys(verdict.receipts)) add(`receipt ${receipt}`);
      if ((verdict.receipts.rescued?.length ?? 0) > 1) add("several rescued");
      for (const operation of ops) add(kindOf(operation, wasRemoved));
    },
  };
}

function kindOf(operation: Operation, wasRemoved: (id: NodeId) => boolean): string {
  if (operation.op === "move" && wasRemoved(operation.id)) return "restore";
  if (operation.op === "remove" && wasRemoved(operation.id)) return "removed twice";
  const self = operation.op === "move" && [operation.after, operation.before].includes(operation.id);
  return self ? "anchored to itself" : operation.op;
}
