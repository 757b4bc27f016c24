import { LIMITS } from "../protocol/index.ts";
import { growth, instead, keyOf, lengthBefore, type Step as TextStep } from "../text/index.ts";
import { assertNever, type NodeId, type ReadStore, type ShownStep, stepsOf, textIn } from "../tree/index.ts";
import type { Standing } from "./text-bridge.ts";
import { SAW_ALL, type TextView, type Told } from "./text-view.ts";

/**
 * The view of an undo whose author sees what it does to texts. What it comes to is decided by what has happened, and not by that; but what its
 * author does next stands behind what he saw, so where that was something else the other is unseen. What fits no text is
 * taken for nothing.
 */
export function viewOfUndo(
  { bridge: stood, base }: Standing,
  shown: readonly ShownStep[],
  nodes: ReadStore,
  { took, moved }: Told,
): TextView {
  const bridge = stood.copy();
  const asked = shown.flatMap(({ mutation: _, ...step }) => (step.op === "mark" ? [] : [step]));
  let left = LIMITS.unseenPairs;
  const thought = asked.flatMap((step) => {
    const pairs = bridge.pairsOf(step);
    left -= pairs;
    if (left < 0) return [];
    took(pairs);
    return bridge.take(step);
  });
  if (asked.length === 0 || left < 0 || !fits(thought, nodes)) return SAW_ALL;
  let more: readonly TextStep[] = [];
  return {
    ...SAW_ALL,
    asked({ ops, inverse }) {
      more = instead(thought, stepsOf(ops, inverse));
      const isSame = more.length === 0 && instead(asked, thought).length === 0;
      return { base, ...(!isSame && { steps: asked }) };
    },
    accepted(seq) {
      bridge.add(seq, more);
      moved({ bridge, upto: seq, base });
    },
  };
}

/** Whether steps go nowhere past the ends of texts. */
function fits(steps: readonly TextStep[], nodes: ReadStore): boolean {
  const lengths = new Map<string, number>();
  return steps.every((step) => {
    const { attr } = step;
    const lengthOf = (id: NodeId) =>
      lengths.get(keyOf(id, attr)) ?? textIn(nodes.get(id)?.attrs ?? {}, attr)?.length ?? 0;
    const grow = (id: NodeId, by: number) => lengths.set(keyOf(id, attr), lengthOf(id) + by);
    const length = lengthOf(step.id);
    switch (step.op) {
      case "mark":
        return true;
      case "edit":
        grow(step.id, growth(step.changes));
        return lengthBefore(step.changes) <= length;
      case "split": {
        const goes = step.head ? step.at : length - step.at;
        grow(step.id, -goes);
        grow(step.node, goes);
        return step.length === length && step.at <= length;
      }
      case "join":
        grow(step.id, -length);
        grow(step.into, length);
        return step.length === length;
      default:
        return assertNever(step);
    }
  });
}
