import { createRandom } from "../../src/testing/random.ts";

/** What is left to chance, the same for a seed. */
export interface Chance {
  /** A whole number below this. */
  below(most: number): number;
  pick<T>(of: readonly T[], otherwise: T): T;
}

export function createChance(seed: number): Chance {
  const random = createRandom(seed);
  const below = (most: number) => Math.floor(random() * most);
  return { below, pick: (of, otherwise) => of[below(of.length)] ?? otherwise };
}
