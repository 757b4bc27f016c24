import type { Attrs } from "./node.ts";
import type { Refusal } from "./verdict.ts";
import { weighAttrs } from "./weight.ts";

/**
 * How much of the document one mutation may drag along beside what it says itself: a small request can mean a large event,
 * as an inverse carries the values that are overwritten.
 */
export interface Budget {
  /** Carries attributes; refuses what is more than there is left. */
  dragsAttrs(attrs: Attrs): Refusal | null;
}

const OVER: Refusal = { code: "tooLarge", message: "it drags too much of the document along; take it apart" };

/** The budget of one mutation: so many characters of attributes carried. */
export function createBudget(characters: number): Budget {
  return {
    dragsAttrs(attrs) {
      characters -= weighAttrs(attrs);
      return characters < 0 ? OVER : null;
    },
  };
}
