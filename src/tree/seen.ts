import { growth, type Step as TextStep } from "../text/index.ts";
import type { NodeId } from "./node.ts";
import { assertNever } from "./operations.ts";

/** The length that a text had for who has not seen these steps, by the lengths that there are now. */
export function lengthSeen(
  steps: readonly TextStep[],
  lengthNow: (id: NodeId) => number,
  id: NodeId,
  attr: string,
): number {
  const lengths = new Map<NodeId, number>();
  const lengthOf = (text: NodeId) => lengths.get(text) ?? lengthNow(text);
  for (const step of steps.toReversed()) {
    if (step.attr !== attr) continue;
    switch (step.op) {
      case "edit":
        lengths.set(step.id, lengthOf(step.id) - growth(step.changes));
        break;
      case "split":
        lengths.set(step.id, step.length).set(step.node, step.onto ?? 0);
        break;
      case "join":
        lengths.set(step.id, step.length).set(step.into, step.at);
        break;
      default:
        assertNever(step);
    }
  }
  return lengthOf(id);
}
