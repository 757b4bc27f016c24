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
  const [step] = steps;
  const [other] = over;
  if (step === undefined || other === undefined) return { steps, over };
  if (steps.length === 1 && over.length === 1) {
    const [later, earlier] = pair(step, other);
    return { steps: later, over: earlier };
  }
  // One over all, then the next over what they are after it.
  const rebased: Step[] = [];
  let rest = over;
  for (const each of steps) {
    let moving: readonly Step[] = [each];
    rest = rest.flatMap((passing) => {
      const met = rebase(moving, [passing]);
      moving = met.steps;
      return met.over;
    });
    rebased.push(...moving);
  }
  return { steps: rebased, over: rest };
}
