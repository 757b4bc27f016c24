import type { Meta, Problem } from "../protocol/index.ts";
import type { Operation } from "../tree/index.ts";

/** What was asked for, to be offered again. */
export interface Refused {
  readonly ops: readonly Operation[];
  readonly meta?: Meta | undefined;
}

/** A mutation that was not accepted, here or by the server, and is not in the tree any more. `problem.code` says why. */
export class MutationError extends Error {
  override readonly name = "MutationError";
  readonly problem: Problem;
  readonly mutation: Refused;

  constructor(problem: Problem, mutation: Refused) {
    super(`${problem.code}: ${problem.message}`);
    this.problem = problem;
    this.mutation = mutation;
  }
}

/** A mutation that came to nothing at once. */
export function refusedMutation(error: MutationError): { readonly committed: Promise<never> } {
  return { committed: handled(Promise.reject(error)) };
}

/** A rejection that nobody waits for is told by the event `rejected`. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Why nothing can be made of a mutation before there is a tree. */
export const NOT_ARRIVED: Problem = { code: "unavailable", message: "the document has not arrived; await `loaded`" };
