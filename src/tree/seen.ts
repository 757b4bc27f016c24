import type { Step as TextStep } from "../text/index.ts";
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
  const grow = (text: NodeId, by: number) => void lengths.set(text, lengthOf(text) + by);
  for (const step of steps.toReversed()) {
    if (step.attr !== attr) continue;
    switch (step.op) {
      case "edit":
        for (const change of step.changes) {
          if (typeof change === "string") grow(step.id, -change.length);
          else if (change < 0) grow(step.id, -change);
        }
        break;
      case "split":
        grow(step.id, lengthOf(step.node));
        lengths.set(step.node, 0);
        break;
      case "join":
        grow(step.into, -step.length);
        grow(step.id, step.length);
        break;
      default:
        assertNever(step);
    }
  }
  return lengthOf(id);
}
