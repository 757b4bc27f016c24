import { type Changes, normalize } from "./changes.ts";
import { baseOf, cutOf, isHead, isTakenWith, type Step, targetOf } from "./step.ts";
import { transform } from "./transform.ts";

/** A place between two units of a text. */
export interface Position {
  readonly id: string;
  readonly attr: string;
  readonly index: number;
}

/** On which side of a place it stays when something is put right there. */
export type Side = "left" | "right";

/** Where a place is after `steps`. */
export function carry(position: Position, steps: readonly Step[], side: Side): Position {
  let { id, index } = position;
  const { attr } = position;
  for (const step of steps) {
    if (step.attr !== attr || step.id !== id || step.op === "mark") continue;
    if (step.op === "edit") {
      index = carryIndex(index, step.changes, side);
      continue;
    }
    const cut = cutOf(step);
    const isBehind = index > cut || (index === cut && (side === "right" || isTakenWith(step)));
    if (isHead(step) !== isBehind) {
      id = targetOf(step);
      index += baseOf(step);
    }
    if (isBehind) index -= cut;
  }
  return { id, attr, index };
}

/** As what is put there would go. */
function carryIndex(index: number, changes: Changes, side: Side): number {
  const place = normalize(side === "left" ? [0, "|"] : ["|"], index);
  const [at] = transform(place, changes);
  return typeof at === "number" ? at : 0;
}
