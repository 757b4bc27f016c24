import type { Changes } from "./changes.ts";
import { baseOf, cutOf, isHead, isTakenWith, type Step, targetOf } from "./step.ts";

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
      [index = 0] = carried([index], step.changes, side);
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

/** Where places of a text are after changes, all at once: they are in order, from the first to the last. */
export function carried(places: readonly number[], changes: Changes, side: Side): number[] {
  let [index, before, shift] = [0, 0, 0];
  return places.map((place) => {
    for (; index < changes.length; index++) {
      const change = changes[index] ?? 0;
      if (typeof change === "string") {
        if (before > place || (before === place && side === "left")) break;
        shift += change.length;
      } else {
        const length = Math.abs(change);
        if (before + length > place) break;
        before += length;
        if (change < 0) shift += change;
      }
    }
    const reached = changes[index];
    const isGoing = typeof reached === "number" && reached < 0;
    return place + shift - (isGoing ? Math.max(0, place - before) : 0);
  });
}
