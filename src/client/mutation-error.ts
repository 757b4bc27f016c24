import type { Meta, Problem } from "../protocol/index.ts";
import type { Operation } from "../tree/index.ts";
import { ProblemError } from "./connection/problem-error.ts";

/** What was asked for, to be offered again. */
export interface Refused {
  readonly ops: readonly Operation[];
  readonly meta?: Meta | undefined;
}

/** A mutation that was not accepted, here or by the server, and is not in the tree any more. */
export class MutationError extends ProblemError {
  override readonly name = "MutationError";
  readonly mutation: Refused;

  constructor(problem: Problem, mutation: Refused) {
    super(problem);
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
