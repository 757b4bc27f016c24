import { FRAME_LIMITS, type Meta, type Problem, type TreeEvent } from "../protocol/index.ts";
import type { Layer, Operation, Verdict } from "../tree/index.ts";
import { fitsFrame, textOf } from "./connection/outbox.ts";
import type { Difference } from "./difference.ts";
import type { Mutation } from "./document.ts";
import { handled, MutationError, NOT_ARRIVED, refusedMutation } from "./mutation-error.ts";
import type { Pending } from "./pending.ts";
import type { Replica } from "./replica.ts";
import { createStep, decided, type Step } from "./step.ts";
import { type Drafted, type Transaction, transact } from "./transaction.ts";
import type { TreeReader } from "./view.ts";

export interface WriterSetup {
  readonly replica: Replica;
  /** What is seen, as it is read. */
  readonly view: TreeReader;
  /** Counters begin above this. */
  readonly counter: () => number;
  /** Sees to it that it is sent. One that has grown is under way already. */
  readonly pushed: (pending: Pending, changed: Difference, hasGrown: boolean) => void;
  readonly refused: (error: MutationError) => void;
  /** What answers a mutation that changes nothing. */
  readonly unchanged: () => TreeEvent;
}

/** Makes mutations of our own, and knows who waits for their answers. */
export interface Writer {
  mutate(change: (tx: Transaction) => void, meta: Meta | undefined): Mutation;
  /** Takes in what was made on a layer. */
  push(
    layer: Layer,
    verdict: Verdict,
    ops: readonly Operation[],
    meta?: Meta | undefined,
    named?: readonly Step[],
  ): Mutation;
  /** A layer to make a mutation on. Throws while a transaction is under way. */
  draft(): ReturnType<Replica["draft"]>;
  /** The counter of the next mutation. */
  readonly next: number;
  accepted(pending: Pending, event: TreeEvent): void;
  rejected(pending: Pending, problem: Problem): void;
  /** All that is pending is refused, one by one, and stays. */
  deny(problem: Problem): void;
  /** Nobody will get an answer any more. */
  abandon(): void;
}

export function createWriter({ replica, view, counter, pushed, refused, unchanged }: WriterSetup): Writer {
  let last = 0;
  let drafting = false;
  const waiting = new Map<Pending, Answer>();

  const draft = () => {
    // What another one wrote would be missing from the layer of the one that is under way.
    if (drafting) throw new Error("a transaction is under way: mutate, undo and redo after it");
    return replica.draft();
  };
  const refuse = (problem: Problem, ops: readonly Operation[], meta: Meta | undefined): Mutation => {
    const error = errorOf({ ops, meta }, problem);
    refused(error);
    return refusedMutation(error);
  };
  const nextCounter = () => Math.max(last, counter()) + 1;
  const push: Writer["push"] = (layer, verdict, ops, meta, named) => {
    last = nextCounter();
    const { client, seq: base, incarnation = "", pending: before } = replica;
    const step = decided(createStep(last), base + 1 + before.length, verdict);
    const { merging } = replica;
    const asked = merging?.asked(step, ops);
    const made: Pending = { client, mutation: last, base, incarnation, ops, meta, asked, step, named };
    if (!fitsFrame(textOf(made))) {
      return refuse(
        { code: "tooLarge", message: `a mutation takes at most ${FRAME_LIMITS.frameBytes} bytes` },
        ops,
        meta,
      );
    }
    const pending = merging?.grown(before, made) ?? made;
    const changed = replica.push(pending, layer);
    const answer = waiting.get(pending) ?? expectAnswer();
    waiting.set(pending, answer);
    pushed(pending, { ...changed, steps: asked }, pending !== made);
    return answer;
  };

  const rejected = (pending: Pending, problem: Problem) => {
    const error = errorOf(pending, problem);
    waiting.get(pending)?.reject(error);
    waiting.delete(pending);
    refused(error);
  };

  return {
    push,
    draft,
    get next() {
      return nextCounter();
    },
    mutate(change, meta) {
      if (!replica.tree) return refuse(NOT_ARRIVED, [], meta);
      const { layer, context } = draft();
      let drafted: Drafted;
      drafting = true;
      try {
        drafted = transact(layer, context, change, replica.merging, view);
      } finally {
        drafting = false;
      }
      const { ops, effects, inverse, problem } = drafted;
      if (problem) return refuse(problem, ops, meta);
      if (effects.length === 0) return { committed: Promise.resolve(unchanged()) };
      return push(layer, { ok: true, ops: effects, inverse, receipts: {} }, ops, meta);
    },
    accepted(pending, event) {
      waiting.get(pending)?.resolve(event);
      waiting.delete(pending);
    },
    rejected,
    deny(problem) {
      for (const pending of replica.pending) rejected(pending, problem);
    },
    abandon() {
      for (const [pending, { reject }] of waiting) reject(errorOf(pending, CLOSED));
      waiting.clear();
    },
  };
}

/** What those wait for who have made a mutation. */
interface Answer extends Mutation {
  resolve(event: TreeEvent): void;
  reject(error: MutationError): void;
}

function expectAnswer(): Answer {
  let resolve: Answer["resolve"] = () => {};
  let reject: Answer["reject"] = () => {};
  const committed = new Promise<TreeEvent>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { committed: handled(committed), resolve, reject };
}

const CLOSED: Problem = { code: "unavailable", message: "closed: no answer came" };

function errorOf({ ops, meta }: Pick<Pending, "ops" | "meta">, problem: Problem): MutationError {
  return new MutationError(problem, { ops, meta });
}
