import { applyEffect, eachInSubtree, type Inverse, inverseOf, type NodeId, type ReadStore } from "../../tree/index.ts";
import type { Recorder } from "../replica.ts";
import { createStep, type Standing } from "../step.ts";

/** Takes down what undoes our own mutations, as the confirmed tree has it when they are committed. */
export const recorder: Recorder = {
  commit(tree, event, known) {
    const inverse: Inverse[] = [];
    const stood: Standing[] = [];
    for (const effect of event.ops) {
      if (effect.op === "remove") stood.push(...standing(tree, effect.id));
      const undoing = inverseOf(tree, effect);
      if (undoing) inverse.push(undoing);
      applyEffect(tree, effect, event.seq);
    }
    const step = known ?? createStep(event.mutation ?? 0);
    return Object.assign(step, { seq: event.seq, effects: event.ops, inverse: inverse.reverse(), stood });
  },
  stood: (tree, ops) => ops.flatMap((operation) => (operation.op === "remove" ? standing(tree, operation.id) : [])),
};

function standing(tree: ReadStore, top: NodeId): Standing[] {
  const below: Standing[] = [];
  if (!tree.get(top)) return below;
  eachInSubtree(tree, top, ({ id, parent, prev }) => {
    if (id !== top && parent !== null) below.push({ id, parent, after: prev });
  });
  return below;
}
