import type { Problem } from "../../protocol/index.ts";

/** A refusal as an error. `problem.code` says why. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.message}`);
    this.problem = problem;
  }
}
