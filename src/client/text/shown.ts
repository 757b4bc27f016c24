import type { Step as TextStep } from "../../text/index.ts";
import { stepsOf } from "../../tree/index.ts";
import type { Step } from "../step.ts";

/** What a mutation does to texts as it is seen here. */
export function shown({ effects, inverse }: Pick<Step, "effects" | "inverse">): readonly TextStep[] {
  return stepsOf(effects, inverse);
}
