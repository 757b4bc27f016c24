import { readSeed } from "./read-seed.ts";

/** It is printed, and `FUZZ_SEED=… vitest run` draws with another one; `FUZZ_RUNS=10` makes properties ten times as long. */
export const seed = readSeed(process.env.FUZZ_SEED);

const factor = Number(process.env.FUZZ_RUNS ?? 1);

/** Parameters for `fc.assert`. */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  return { seed, numRuns: numRuns * factor };
}

console.info(`FUZZ_SEED=${seed}`);
