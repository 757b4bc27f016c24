import type { Accepted, Step as Decided, Effect, Inverse, Verdict } from "../tree/index.ts";

/** One mutation of ours as undo needs it. While it is pending this is what it does to the tree as it is now. */
export interface Step extends Decided {
  readonly mutation: number;
  /** That of its event; the one that it would be while there is none. */
  seq: number;
  effects: readonly Effect[];
  inverse: readonly Inverse[];
  undoes?: readonly number[] | undefined;
  redoes?: readonly number[] | undefined;
}

export function createStep(mutation: number): Step {
  return { mutation, seq: 0, effects: [], inverse: [] };
}

/** Takes down what a mutation does, or would do. */
export function decided(step: Step, seq: number, verdict: Verdict): Step {
  const { ops: effects, inverse, undoes, redoes } = verdict.ok ? verdict : NOTHING_DONE;
  return Object.assign(step, { seq, effects, inverse, undoes, redoes });
}
const NOTHING_DONE: Pick<Accepted, "ops" | "inverse" | "undoes" | "redoes"> = { ops: [], inverse: [] };
