import { type Rebased, rebase, type Step as TextStep } from "../text/index.ts";
import type { Draft, Step } from "./draft.ts";
import { isMark, isOfMarks, type MarkEffect } from "./marks.ts";
import type { EditEffect, Effect, InverseEdit, InverseUpdate, Kept } from "./operations.ts";
import { editBack, inverseSteps, markBack, stepsOf } from "./steps.ts";

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
  over(step: Step, isMeant: (effect: TextEffect) => boolean, take: Take): void;
}

/** What an event has done to texts; null where that is not known. */
export type TextsAt = (seq: number) => readonly TextStep[] | null;

/** What is taken back as steps: an edit, or a mark. */
export type TextEffect = EditEffect | MarkEffect;

export const isOfText = (effect: Effect): effect is TextEffect => effect.op === "edit" || isMark(effect);

export type Take = (effect: TextEffect, steps: readonly TextStep[]) => boolean;

export function createLater(draft: Draft, textsAt: TextsAt): Later {
  let steps: readonly TextStep[] = [];
  /** All of the event `seq` from the effect `index` on is in it, and all that is later. */
  let [seq, index] = [0, 0];
  /** What this undo itself has done is in it, or taken back, up to these. */
  let [ops, inverses] = [0, 0];
  let within: Step | null = null;
  let standing = standingMarks();

  const meetOwn = () => {
    const made = stepsOf(draft.ops.slice(ops), draft.inverse.slice(inverses).toReversed());
    const own = standing(draft.context.seq, made);
    if (own.length > 0) steps = [...steps, ...own];
    skipOwn();
  };
  const skipOwn = () => {
    ops = draft.ops.length;
    inverses = draft.inverse.length;
  };
  const meet = (of: number, all: readonly TextStep[]) => {
    const earlier = standing(of, all);
    if (earlier.length > 0) steps = [...earlier, ...steps];
  };
  return {
    reach(step) {
      if (seq === 0 || step.seq > seq) {
        steps = [];
        standing = standingMarks();
        [ops, inverses] = [0, 0];
        [seq, index, within] = [draft.context.seq, 0, null];
      }
      meetOwn();
      if (step.seq === seq) return true;
      if (within) meet(within.seq, stepsOf(within.effects.slice(0, index), within.inverse));
      for (seq--; seq > step.seq; seq--) {
        const known = textsAt(seq);
        if (!known) {
          seq = 0;
          return false;
        }
        meet(seq, known);
      }
      within = step;
      index = step.effects.length;
      return true;
    },
    over(step, isMeant, take) {
      const backOf = inversesOf(step);
      const first = step.effects.findIndex((effect) => isOfText(effect) && isMeant(effect));
      if (first < 0) return;
      for (index--; index >= first; index--) {
        const effect = step.effects[index];
        if (!effect) continue;
        const own = stepsOf([effect], step.inverse);
        const [only] = own;
        if (!isOfText(effect) || !only || !isMeant(effect)) {
          meet(step.seq, own);
          continue;
        }
        const back = takingBack(only, backOf(effect));
        const met = effect.op === "update" ? beside(back, steps, originOf(effect, step.seq)) : rebase(back, steps);
        if (!take(effect, met.steps)) meet(step.seq, own);
        else {
          steps = met.over;
          skipOwn();
        }
      }
      index = Math.max(index + 1, 0);
    },
  };
}

/** What of the event `origin` was marked is marked as before, where no later one has marked it since. Other steps stay as they are. */
function beside(marks: readonly TextStep[], later: readonly TextStep[], origin: number): Rebased {
  // What was done again is as old as it was.
  const inTheWay = later.filter((step) => step.op !== "mark" || step.redo === undefined || step.redo > origin);
  return { steps: rebase(inTheWay, marks).over, over: later };
}

const originOf = ({ undo, redo }: Kept, seq: number): number => undo ?? redo ?? seq;

/** What takes an effect of an event back: edits, and marks, each have their own. */
function inversesOf({ effects, inverse }: Step): (effect: TextEffect) => InverseEdit | InverseUpdate | undefined {
  const edits = effects.filter(({ op }) => op === "edit");
  const marks = effects.filter((effect) => effect.op === "update" && isOfMarks(effect));
  const ofEdits = inverse.flatMap((each) => (each.op === "edit" ? [each] : [])).reverse();
  const ofMarks = inverse.flatMap((each) => (each.op === "update" && each.marks ? [each] : [])).reverse();
  return (effect) => (effect.op === "edit" ? ofEdits[edits.indexOf(effect)] : ofMarks[marks.indexOf(effect)]);
}

function takingBack(step: TextStep, back: InverseEdit | InverseUpdate | undefined): readonly TextStep[] {
  if (step.op === "edit") return back?.op === "edit" ? editBack(back) : [];
  if (step.op === "mark") return back?.op === "update" ? markBack(step, back) : [];
  return inverseSteps(step, "");
}

/**
 * Leaves out marks that are undone by now, and those that have undone them: what was marked before is not in their way. Events are given the
 * newest first.
 */
function standingMarks(): (seq: number, steps: readonly TextStep[]) => readonly TextStep[] {
  const settled = new Set<number>();
  return (seq, steps) => {
    if (!steps.some(({ op }) => op === "mark")) return steps;
    const left = steps.filter((step) => {
      if (step.op !== "mark") return true;
      return step.undo === undefined && !settled.has(step.redo ?? seq);
    });
    for (const step of steps) {
      const of = step.op === "mark" ? (step.undo ?? step.redo) : undefined;
      if (of !== undefined) settled.add(of);
    }
    return left;
  };
}
