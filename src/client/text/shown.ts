import type { Step as TextStep } from "../../text/index.ts";
import { stepsOf, type Undo } from "../../tree/index.ts";
import type { Step } from "../step.ts";

/** What a mutation does to texts as it is seen here. */
export function shown({ effects, inverse }: Pick<Step, "effects" | "inverse">): readonly TextStep[] {
  return stepsOf(effects, inverse);
}

/** What an undo does to texts where it was made. */
export function seenOf({ shown: steps = [] }: Undo): readonly TextStep[] {
  return steps.map(({ mutation: _, ...step }) => step);
}
