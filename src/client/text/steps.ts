import type { Step } from "../../text/index.ts";
import { type Effect, type ReadStore, stepsOfEffect, textIn } from "../../tree/index.ts";
import { createRunning } from "./running.ts";

/** What an event does to texts, before it is applied to a tree. */
export function stepsIn(tree: ReadStore, effects: readonly Effect[]): Step[] {
  const running = createRunning((id, attr) => textIn(tree.get(id)?.attrs ?? {}, attr) ?? undefined);
  return effects.flatMap((effect) => {
    const steps = stepsOfEffect(effect, (id, attr) => running.get(id, attr));
    if (effects.length > 1) for (const step of steps) running.apply(step);
    return steps;
  });
}
