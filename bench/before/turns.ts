import { turned } from "../scenarios/scene.ts";
import { startContest } from "../tree/children.ts";
import type { Rates } from "../tree/contest.ts";
import type { Contestant } from "../tree/contestants.ts";
import { PHASES, type Phase } from "../tree/workload.ts";

/** How often trees of one size are built by two in turn. */
export interface Turns {
  readonly size: number;
  /** Built one after the other before it is the other's turn. */
  readonly trees: number;
  readonly batches: number;
  /** Smaller trees that do not count, in each process. */
  readonly warmUp: number;
  /** One after the other: in two of them the same code may be compiled into different ones. */
  readonly processes: number;
}

/** How many times as fast one is as the other: for each phase a ratio a batch, as both had the same weather then. */
export async function ratiosOf(
  one: Contestant,
  other: Contestant,
  { size, trees, batches, warmUp, processes }: Turns,
  seed: number,
): Promise<Readonly<Record<Phase, readonly number[]>>> {
  const ratios: Record<Phase, number[]> = { insert: [], move: [], update: [] };
  for (let process = 0; process < processes; process++) {
    const seated = [one, other].map((contestant) => ({ contestant, contest: startContest() }));
    try {
      for (let batch = 0; batch < batches; batch++) {
        const found = new Map<Contestant, Rates>();
        for (const { contestant, contest } of turned(seated, batch)) {
          const task = { task: "rates", contestant, size, seed, rounds: trees } as const;
          found.set(contestant, await contest.rates({ ...task, warmUp: batch === 0 ? warmUp : 0 }));
        }
        const [rates, others] = [found.get(one), found.get(other)];
        for (const phase of PHASES) if (rates && others) ratios[phase].push(rates[phase] / others[phase]);
      }
    } finally {
      for (const { contest } of seated) contest.close();
    }
  }
  return ratios;
}
