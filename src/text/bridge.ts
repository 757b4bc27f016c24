import { growth } from "./changes.ts";
import { rebase } from "./rebase.ts";
import { baseOf, type Step, targetOf } from "./step.ts";

/** What others have done that an author has not seen, seen from where the author is. */
export interface Bridge {
  /** An event of somebody else, in the order of the log. */
  add(seq: number, steps: readonly Step[]): void;
  /** What a step of the author comes to now: none, one or more. The bridge then stands behind it. */
  take(step: Step): readonly Step[];
  /** The author has seen everything up to `seq`. */
  advance(seq: number): void;
  /** The units of a text where the author is, from those that it has now. */
  lengthOf(id: string, attr: string, now: number): number;
  copy(): Bridge;
  /** How many there are to get past, about. */
  readonly size: number;
  /** They lead from where the author is to what there is now. */
  readonly steps: readonly Step[];
}

interface Unseen {
  readonly seq: number;
  readonly step: Step;
}

/** One that meets each step by itself. `createLongBridge` gives the same, faster where there are thousands. */
export function createBridge(known: readonly Unseen[] = []): Bridge {
  let unseen = [...known];
  return {
    add: (seq, steps) => {
      // No step of the author comes to anything else because of a mark.
      for (const step of steps) if (step.op !== "mark") unseen.push({ seq, step });
    },
    take: (step) => {
      let steps: readonly Step[] = [step];
      unseen = unseen.flatMap(({ seq, step: other }) => {
        const met = rebase(steps, [other]);
        steps = met.steps;
        return met.over.map((each) => ({ seq, step: each }));
      });
      return steps;
    },
    advance: (seq) => {
      unseen = unseen.filter((each) => each.seq > seq);
    },
    lengthOf: (id, attr, now) =>
      unitsBefore(
        unseen.map(({ step }) => step),
        id,
        attr,
        now,
      ),
    copy: () => createBridge(unseen),
    get size() {
      return unseen.length;
    },
    get steps() {
      return unseen.map(({ step }) => step);
    },
  };
}

/** The units of a text before steps, from those after them. */
export function unitsBefore(steps: readonly Step[], id: string, attr: string, after: number): number {
  let more = 0;
  for (const step of steps) {
    if (step.attr !== attr || step.op === "mark") continue;
    if (step.op === "edit") more += step.id === id ? growth(step.changes) : 0;
    else if (step.id === id) return step.length - more;
    else if (targetOf(step) === id) return baseOf(step) - more;
  }
  return after - more;
}
