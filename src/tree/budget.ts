import type { Attrs, NodeRecord } from "./node.ts";
import type { Refusal } from "./verdict.ts";
import { weighAttrs, weighRecord } from "./weight.ts";

/**
 * How much of the document one mutation may drag along beside what it says itself: a small request can mean a large event,
 * as an inverse carries the values that are overwritten.
 */
export interface Budget {
  /** Carries attributes; refuses what is more than there is left. */
  dragsAttrs(attrs: Attrs): Refusal | null;
  /** Reads or writes so much text, with so many marks, beside what was sent; refuses what is more than there is left of the same. */
  dragsText(length: number, marks?: number): Refusal | null;
  /** Characters of text that were read for it. */
  readonly texts: number;
  /** Marks that were. */
  readonly marks: number;
  /** Moves a child along with the row that is joined; refuses what is one too many. */
  dragsChild(): Refusal | null;
  /**
   * Changes a record for the first time, which is held until a checkpoint; throws where that is more than there is left. Without it
   * a mutation may change any amount, and spares being taken back.
   */
  readonly changes?: ((record: Readonly<NodeRecord>) => void) | undefined;
  /** What an error means that `changes` has thrown; null for any other. */
  refusalOf(error: unknown): Refusal | null;
}

const OVER: Refusal = { code: "tooLarge", message: "it drags too much of the document along; take it apart" };

/** Children that the joins of one mutation move: as many as it may name itself. */
export const MOST_CHILDREN = 10_000;

/** Thrown in the middle of an operation, which looks at no record before it has it: what it has changed is dropped. */
const TOO_HEAVY = new Error("a mutation changes too much");
const HEAVY: Refusal = {
  code: "tooLarge",
  message: "the nodes that it changes, and those beside them, take too much memory together; take it apart",
};

/** The budget of one mutation: so many characters of attributes carried, and so many bytes of records changed, or any. */
export function createBudget(characters: number, changed = Number.POSITIVE_INFINITY): Budget {
  let left = changed;
  let children = MOST_CHILDREN;
  let texts = 0;
  let marked = 0;
  const changes = (record: Readonly<NodeRecord>) => {
    left -= weighRecord(record);
    if (left < 0) throw TOO_HEAVY;
  };
  const drags = (length: number) => {
    characters -= length;
    return characters < 0 ? OVER : null;
  };
  return {
    dragsAttrs: (attrs) => drags(weighAttrs(attrs)),
    dragsText(length, marks = 0) {
      texts += length;
      marked += marks;
      return drags(length);
    },
    get texts() {
      return texts;
    },
    get marks() {
      return marked;
    },
    dragsChild: () => (--children < 0 ? OVER : null),
    refusalOf: (error) => (error === TOO_HEAVY ? HEAVY : null),
    changes: changed === Number.POSITIVE_INFINITY ? undefined : changes,
  };
}
