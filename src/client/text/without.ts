import { invert, type LongBridge, rebase, type Step } from "../../text/index.ts";
import { inverseSteps } from "../../tree/index.ts";
import type { Pending } from "../pending.ts";
import { askAnew } from "./move-up.ts";

/**
 * A mutation was refused that others stand behind: they are asked for as they are without it, each where its author was. `ahead` is the
 * bridge from where the author of the refused one was, who has not made it. Of an update that stands behind it is the edit that counts.
 */
export function without(ahead: LongBridge, refused: Pending, behind: readonly Pending[]): void {
  // From what there is without it to what the author of each saw: what others have done it meets in this direction, as what has come back
  // once has lost its place; and what the author has done in the other, as that may be inside of what goes.
  let gone: readonly Step[] = (refused.asked ?? []).filter(({ op }) => op !== "mark");
  for (const each of behind) {
    gone = rebase(gone, ahead.until(each.base)).steps;
    ahead.advance(each.base);
    askAnew(each, (step) => {
      const { steps, over } = rebase([step], backward(gone));
      gone = backward(over);
      for (const made of steps) ahead.take(made);
      return steps;
    });
  }
}

/** The steps that take steps back. What was taken away comes back as so many units of anything: nobody sees them. */
function backward(steps: readonly Step[]): readonly Step[] {
  return steps.toReversed().flatMap((step) => {
    if (step.op === "mark") return [];
    if (step.op !== "edit") return inverseSteps(step, "");
    const units = step.changes.reduce<number>((sum, each) => sum + (typeof each === "number" ? Math.abs(each) : 0), 0);
    return [{ ...step, changes: invert(step.changes, " ".repeat(units)) }];
  });
}
