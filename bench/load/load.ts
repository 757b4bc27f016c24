import type { Result } from "./tasks.ts";

/** A task that is under way: its clients have joined. */
export interface Load {
  /** Counters since the beginning. */
  count(): Counters;
  /** Begins, and stops beginning anything new at `to`; resolves when all that it wrote has arrived. */
  run(from: number, to: number): Promise<Outcome>;
  /** Resolves when it has heard of so many mutations since it joined, and everything is closed. */
  finish(written: number): Promise<void>;
}

export type Counters = Omit<Result, "acknowledgeMs" | "seenMs" | "cpu">;

export interface Outcome extends Pick<Result, "acknowledgeMs" | "seenMs"> {
  /** Mutations that it has made in all. */
  readonly total: number;
}
