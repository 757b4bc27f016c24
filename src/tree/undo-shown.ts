import { rowsMadeBy } from "./by-node.ts";
import type { KeptOf } from "./decide-mark.ts";
import { performStep } from "./decide-text.ts";
import type { Step, TextHistory } from "./draft.ts";
import type { NodeId } from "./node.ts";
import type { Effect } from "./operations.ts";
import { changedRow, keptRedone, keptUndone } from "./undo-text.ts";

/**
 * Undo of texts where its author shows it, who does not know what each event has done to them: the operation says what it comes to, and
 * that is taken behind what its author has not seen.
 */
export const undoShown: TextHistory = {
  begin(draft, history, { shown = [] }) {
    const sight = draft.context.texts?.sight;
    const all = shown.map(({ mutation, ...step }) => ({ mutation, steps: sight ? sight.take(step) : [step] }));
    const doing = (step: Step, kept: KeptOf, rows?: ReadonlySet<NodeId>) => () => {
      const isChanged = (each: Effect) => each.op === "edit" && rows && changedRow(draft, each, step.seq, rows);
      // Later it is as it was seen first, whatever has become of the rows: what was made since stands behind that.
      if (!sight && step.effects.some(isChanged)) return null;
      for (const { mutation, steps } of all) {
        if (mutation !== step.mutation) continue;
        for (const each of steps) performStep(draft, each, { kept, goes: rows?.has(each.id) ? each.id : undefined });
      }
      return null;
    };
    return {
      undo: (step) => doing(step, keptUndone(history, step), rowsMadeBy(step)),
      redo: (step) => doing(step, keptRedone(step)),
    };
  },
};
