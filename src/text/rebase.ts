import { pair } from "./pairs.ts";
import type { Step } from "./step.ts";

/** Two lists of steps that were made of the same texts, each as it is after the other. */
export interface Rebased {
  readonly steps: readonly Step[];
  readonly over: readonly Step[];
}

/**
 * What `steps` come to where `over` was there before, and `over` after `steps`: `over` and then the one, or `steps` and then
 * the other, make the same texts. `over` is the earlier in every tie.
 */
export function rebase(steps: readonly Step[], over: readonly Step[]): Rebased {
  if (over.length === 0 || steps.length === 0) return { steps, over };
  const rebased: Step[] = [];
  let rest = over;
  for (const step of steps) {
    let moving: readonly Step[] = [step];
    const passed: Step[] = [];
    for (const other of rest) {
      const [only] = moving;
      if (moving.length === 1 && only !== undefined) {
        const met = pair(only, other);
        moving = met.later;
        passed.push(...met.earlier);
      } else {
        const met = rebase(moving, [other]);
        moving = met.steps;
        passed.push(...met.over);
      }
    }
    rebased.push(...moving);
    rest = passed;
  }
  return { steps: rebased, over: rest };
}
