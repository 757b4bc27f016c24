import type { TreeEvent } from "../protocol/index.ts";

/** Whether an event brings back what was removed up to that seq, without its content: only who still holds it has that. */
export function restoresFrom({ ops }: TreeEvent, seq: number): boolean {
  return ops.some((effect) => effect.op === "move" && effect.restores !== undefined && effect.restores <= seq);
}
