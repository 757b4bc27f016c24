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
  /** Writes the marks of a text, of so many characters; refuses what is more than there is left. */
  writesMarks(length: number): Refusal | null;
  /** Meets so many steps of texts to take others back; refuses what is more than there is left. */
  meets(steps: number): Refusal | null;
  /** Steps that were met. */
  readonly met: number;
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

export const OVER: Refusal = { code: "tooLarge", message: "it drags too much of the document along; take it apart" };

/** Children that the joins of one mutation move: 2 000 take about 50 ms (2026-11-28, Node 24). */
export const MOST_CHILDREN = 2_000;
const MANY_CHILDREN: Refusal = {
  code: "tooLarge",
  message: `the joins of one mutation take at most ${MOST_CHILDREN} children along; move them first`,
};

/** Steps of texts that an undo meets: 50 000 small ones take about 85 ms (2026-11-28, Node 24). */
export const MOST_MET = 50_000;
export const MET_TOO_MUCH: Refusal = {
  code: "tooLarge",
  message: "too much has happened to these texts since; undo less at once",
};

const MARKED_TOO_MUCH: Refusal = {
  code: "tooLarge",
  message: "each mark writes all marks of its text: these are too many together; take it apart",
};

/** Thrown in the middle of an operation, which looks at no record before it has it: what it has changed is dropped. */
const TOO_HEAVY = new Error("a mutation changes too much");
const HEAVY: Refusal = {
  code: "tooLarge",
  message: "the nodes that it changes, and those beside them, take too much memory together; take it apart",
};

export interface Bounds {
  /** Characters of attributes that are carried. */
  readonly carried: number;
  /** Bytes of records that are changed; left out: any. */
  readonly changed?: number | undefined;
  /** Characters of texts that are read; left out: they are carried, too. */
  readonly read?: number | undefined;
  /** Characters of marks that are written; each time all of a text. */
  readonly marked: number;
}

/** The budget of one mutation. */
export function createBudget({ carried, changed = Number.POSITIVE_INFINITY, read, marked: written }: Bounds): Budget {
  let characters = carried;
  let left = changed;
  let marksLeft = written;
  let children = MOST_CHILDREN;
  let texts = 0;
  let marked = 0;
  let met = 0;
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
      if (read === undefined) return drags(length);
      return texts > read ? OVER : null;
    },
    get texts() {
      return texts;
    },
    get marks() {
      return marked;
    },
    writesMarks(length) {
      marksLeft -= length;
      return marksLeft < 0 ? MARKED_TOO_MUCH : null;
    },
    meets(steps) {
      met += steps;
      return met > MOST_MET ? MET_TOO_MUCH : null;
    },
    get met() {
      return met;
    },
    dragsChild: () => (--children < 0 ? MANY_CHILDREN : null),
    refusalOf: (error) => (error === TOO_HEAVY ? HEAVY : null),
    changes: changed === Number.POSITIVE_INFINITY ? undefined : changes,
  };
}
