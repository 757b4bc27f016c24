import type { Step as TextStep } from "../text/index.ts";
import type { Draft, Step } from "./draft.ts";
import { isMark, type MarkEffect } from "./marks.ts";
import type { EditEffect, Effect } from "./operations.ts";
import { createStanding } from "./standing.ts";
import { type TextPart, textParts } from "./steps.ts";

/**
 * What has happened to texts behind what an undo takes back, but for what it has taken back already. It is asked for one event after
 * the other, the newest first, so that each is met once.
 */
export interface Later {
  /** Goes back to an event; false where what has happened since is not known. */
  reach(step: Step): boolean;
  /**
   * Goes back over the effects of the event that was reached, the last first, as long as there are some that are asked for. `take` says
   * what becomes of one, given what takes it back now: false where it stays. False where that has to meet more than it may.
   */
  over(isMeant: (effect: TextEffect) => boolean, take: Take): boolean;
}

/** What an event has done to texts; null where that is not known. */
export type TextsAt = (seq: number) => TextsDone | null;

export interface TextsDone {
  readonly steps: readonly TextStep[];
  /** It takes back others, or does them again. */
  readonly isBack: boolean;
}

/** What is taken back as steps: an edit, or a mark. */
export type TextEffect = EditEffect | MarkEffect;

export const isOfText = (effect: Effect): effect is TextEffect => effect.op === "edit" || isMark(effect);

export type Take = (effect: TextEffect, steps: readonly TextStep[]) => boolean;

/** `at`: the event of a seq, if it is known. */
export function createLater(draft: Draft, textsAt: TextsAt, at: (seq: number) => Step | undefined): Later {
  const { budget } = draft.context;
  const begin = () => createStanding((steps) => !budget?.meets(steps));
  let standing = begin();
  /** All that is later than the event `seq` is in it, and of that the parts that are not left. */
  let [seq, parts]: [number, TextPart[]] = [0, []];
  /** What this undo itself has done is in it, or taken back, up to these. */
  let [ops, inverses] = [0, 0];

  const meetOwn = () => {
    const inverse = draft.inverse.slice(inverses).toReversed();
    for (const part of textParts(draft.context.seq, draft.ops.slice(ops), inverse)) standing.behind(part);
    skipOwn();
  };
  const skipOwn = () => {
    ops = draft.ops.length;
    inverses = draft.inverse.length;
  };
  const meetAll = (left: TextPart[]) => {
    for (let part = left.pop(); part; part = left.pop()) standing.before(part);
  };
  const meet = (of: number, { steps, isBack }: TextsDone) => {
    const step = isBack || standing.undoes(of) ? at(of) : undefined;
    if (step) meetAll([...partsOf(step)]);
    else standing.beforePlain(of, steps);
  };
  return {
    reach(step) {
      if (seq === 0 || step.seq > seq) {
        standing = begin();
        [ops, inverses] = [0, 0];
        [seq, parts] = [draft.context.seq, []];
      }
      meetOwn();
      if (step.seq === seq) return true;
      // Where it cannot be reached nothing is gone through.
      if (!textsAt(step.seq + 1)) return false;
      meetAll(parts);
      for (seq--; seq > step.seq; seq--) {
        const known = textsAt(seq);
        if (!known) {
          seq = 0;
          return false;
        }
        meet(seq, known);
      }
      parts = [...partsOf(step)];
      return true;
    },
    over(isMeant, take) {
      const isAsked = ({ effect }: TextPart) => isOfText(effect) && isMeant(effect);
      const first = parts.findIndex(isAsked);
      if (first < 0) return true;
      for (const part of parts.splice(first).reverse()) {
        const { effect, steps } = part;
        const isTaken = isOfText(effect) && steps.length > 0 && isMeant(effect);
        const met = isTaken ? standing.takeBack(part) : undefined;
        if (met === null) return false;
        if (!isTaken || !met || !take(effect, met.steps)) standing.before(part);
        else {
          met.leave();
          skipOwn();
        }
      }
      return true;
    },
  };
}

const partsOf = ({ seq, effects, inverse }: Step) => textParts(seq, effects, inverse);
