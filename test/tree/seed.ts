/**
 * The seed of every random test in this run. It is printed, and `FC_SEED=… vitest run` repeats the run; `FC_RUNS=10`
 * makes it ten times as long.
 */
export const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));

const factor = Number(process.env.FC_RUNS ?? 1);

/** Parameters for `fc.assert`. */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  return { seed, numRuns: numRuns * factor };
}

console.info(`FC_SEED=${seed}`);
