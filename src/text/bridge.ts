import { rebase } from "./rebase.ts";
import type { Step } from "./step.ts";

/** What others have done that an author has not seen, seen from where the author is. */
export interface Bridge {
  /** An event of somebody else, in the order of the log. */
  add(seq: number, steps: readonly Step[]): void;
  /** What a step of the author comes to now: none, one or more. The bridge then stands behind it. */
  take(step: Step): readonly Step[];
  /** The author has seen everything up to `seq`. */
  advance(seq: number): void;
  copy(): Bridge;
  readonly steps: readonly Step[];
}

interface Entry {
  readonly seq: number;
  readonly steps: readonly Step[];
}

export function createBridge(): Bridge {
  return bridgeOf([]);
}

function bridgeOf(known: readonly Entry[]): Bridge {
  let entries = known;
  return {
    add: (seq, steps) => {
      entries = [...entries, { seq, steps }];
    },
    take: (step) => {
      let steps: readonly Step[] = [step];
      entries = entries.map((entry) => {
        const met = rebase(steps, entry.steps);
        steps = met.steps;
        return { seq: entry.seq, steps: met.over };
      });
      return steps;
    },
    advance: (seq) => {
      entries = entries.filter((entry) => entry.seq > seq);
    },
    copy: () => bridgeOf(entries),
    get steps() {
      return entries.flatMap((entry) => entry.steps);
    },
  };
}
