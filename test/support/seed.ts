import { readSeed } from "./read-seed.ts";

/** It is printed, and `FUZZ_SEED=… vitest run` draws with another one; `FUZZ_RUNS=10` makes properties ten times as long. */
export const seed = readSeed(process.env.FUZZ_SEED);

const factor = Number(process.env.FUZZ_RUNS ?? 1);

/** How often something random is played, where `usual` is as often as in a gate. */
export const times = (usual: number): number => usual * factor;

/** Parameters for `fc.assert`. */
export function runs(usual: number): { readonly seed: number; readonly numRuns: number } {
  return { seed, numRuns: times(usual) };
}

console.info(`FUZZ_SEED=${seed}`);
