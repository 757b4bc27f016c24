import { createRandom } from "../../src/testing/random.ts";
import { checkChanges, checkLists } from "./check.ts";
import { play } from "./play.ts";
import { diceOf } from "./random-steps.ts";

const STREAMS = 3;

/** All of it: pairs and triples of lists, of changes, and runs of three clients. */
const WHOLE = { lists: 1_000_000, changes: 1_000_000, plays: 100_000 };

export interface Swept {
  readonly runs: number;
  /** The first things that are wrong, with the number of the run. */
  readonly wrong: readonly string[];
}

/** Tries a share of everything. `onRun` hears of each run. */
export function sweep(seed: number, share: number, onRun?: () => void): Swept {
  const wrong: string[] = [];
  let runs = 0;
  const checks = [
    {
      name: "lists",
      count: WHOLE.lists,
      check: (number: number) => checkLists(diceOf(createRandom(seed, number * STREAMS)), 1 + (number % 4)),
    },
    {
      name: "changes",
      count: WHOLE.changes,
      check: (number: number) => checkChanges(diceOf(createRandom(seed, number * STREAMS + 1))),
    },
    {
      name: "plays",
      count: WHOLE.plays,
      check: (number: number) =>
        play(diceOf(createRandom(seed, number * STREAMS + 2)), {
          acts: 20 + (number % 60),
          editsOnly: number % 3 === 0,
        }),
    },
  ];
  for (const { name, count, check } of checks) {
    for (let number = 0; number < count * share && wrong.length < 5; number++) {
      const complaints = check(number);
      if (complaints.length > 0) wrong.push(`${name} ${number}: ${complaints.join("\n  ")}`);
      runs += 1;
      onRun?.();
    }
  }
  return { runs, wrong };
}
