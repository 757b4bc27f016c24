import type { Changes } from "./changes.ts";
import { baseOf, cutOf, isTakenWith, kindOf, type Step, targetOf } from "./step.ts";

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
  let place = position;
  for (const step of steps) place = carryOver(place, step, side);
  return place;
}

function carryOver(place: Position, step: Step, side: Side): Position {
  const { id, attr, index } = place;
  if (step.attr !== attr || step.id !== id) return place;
  if (step.op === "edit") return { id, attr, index: carryIndex(index, step.changes, side) };
  const [cut, kind] = [cutOf(step), kindOf(step)];
  const isBehind = index > cut || (index === cut && (isTakenWith(step) || side === "right"));
  if (kind === "head") {
    if (isBehind) return { id, attr, index: index - cut };
    return { id: targetOf(step), attr, index: baseOf(step) + index };
  }
  return isBehind ? { id: targetOf(step), attr, index: baseOf(step) + index - cut } : place;
}

function carryIndex(index: number, changes: Changes, side: Side): number {
  let before = 0;
  let result = index;
  for (const change of changes) {
    if (before > index || (before === index && side === "left")) break;
    if (typeof change === "string") result += change.length;
    else if (change > 0) before += change;
    else {
      if (before === index) break;
      result -= Math.min(-change, index - before);
      before -= change;
    }
  }
  return result;
}
