import { rebase, type Step as TextStep } from "../text/index.ts";
import type { Draft, Step } from "./draft.ts";
import type { EditEffect } from "./operations.ts";
import { inverseSteps, stepsOf } from "./steps.ts";

/**
 * What has happened to texts behind what an undo takes back, but for what it has taken back already. It is asked for one event after
 * the other, the newest first, so that each is met once.
 */
export interface Later {
  /** Goes back to an event; false where what has happened since is not known. */
  reach(step: Step): boolean;
  /**
   * Goes back over the effects of the event that was reached, the last first, as long as there are some that are asked for. `take` says
   * what becomes of one, given what takes it back now: false where it stays.
   */
  over(step: Step, isMeant: (effect: EditEffect) => boolean, take: Take): void;
}

/** What an event has done to texts; null where that is not known. */
export type TextsAt = (seq: number) => readonly TextStep[] | null;

export type Take = (effect: EditEffect, steps: readonly TextStep[]) => boolean;

export function createLater(draft: Draft, textsAt: TextsAt): Later {
  let steps: readonly TextStep[] = [];
  /** All of the event `seq` from the effect `index` on is in it, and all that is later. */
  let [seq, index] = [0, 0];
  /** What this undo itself has done is in it, or taken back, up to these. */
  let [ops, inverses] = [0, 0];
  let within: Step | null = null;

  const meetOwn = () => {
    const own = stepsOf(draft.ops.slice(ops), draft.inverse.slice(inverses).toReversed());
    if (own.length > 0) steps = [...steps, ...own];
    skipOwn();
  };
  const skipOwn = () => {
    ops = draft.ops.length;
    inverses = draft.inverse.length;
  };
  const meet = (earlier: readonly TextStep[]) => {
    if (earlier.length > 0) steps = [...earlier, ...steps];
  };
  return {
    reach(step) {
      if (seq === 0 || step.seq > seq) {
        steps = [];
        [ops, inverses] = [0, 0];
        [seq, index, within] = [draft.context.seq, 0, null];
      }
      meetOwn();
      if (step.seq === seq) return true;
      if (within) meet(stepsOf(within.effects.slice(0, index), within.inverse));
      for (seq--; seq > step.seq; seq--) {
        const known = textsAt(seq);
        if (!known) {
          seq = 0;
          return false;
        }
        meet(known);
      }
      within = step;
      index = step.effects.length;
      return true;
    },
    over(step, isMeant, take) {
      const edits = step.effects.filter(({ op }) => op === "edit");
      const backs = step.inverse.filter((each) => each.op === "edit").reverse();
      const first = step.effects.findIndex((effect) => effect.op === "edit" && isMeant(effect));
      if (first < 0) return;
      for (index--; index >= first; index--) {
        const effect = step.effects[index];
        if (!effect) continue;
        const own = stepsOf([effect], step.inverse);
        const [only] = own;
        if (effect.op !== "edit" || !only || !isMeant(effect)) {
          meet(own);
          continue;
        }
        const back = backs[edits.indexOf(effect)]?.changes ?? [];
        const inverse = only.op === "edit" ? [{ ...only, changes: back }] : inverseSteps(only, "");
        const met = rebase(inverse, steps);
        if (!take(effect, met.steps)) meet(own);
        else {
          steps = met.over;
          skipOwn();
        }
      }
      index = Math.max(index + 1, 0);
    },
  };
}
