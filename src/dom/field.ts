import type { Changes } from "../text/index.ts";

/** What is selected in an element, in UTF-16 units of its text; a caret where both are the same. */
export interface Selected {
  readonly start: number;
  readonly end: number;
  readonly direction?: "forward" | "backward" | "none";
}

/** An element that shows one text and lets it be edited: its text, without its keys. */
export interface Field {
  /** Whether it shows one line and has no way to write a second. */
  readonly oneLine: boolean;
  /** Whether a browser may put more into it than text. */
  readonly isRich: boolean;
  /** What stands in it. */
  read(): string;
  /** Null where the selection is elsewhere. */
  selected(): Selected | null;
  select(selected: Selected): void;
  /** Writes what has changed, and nothing else; a caret stays left of what comes right at it. */
  write(changes: Changes): void;
  /** What an event is about to replace. */
  targetOf(event: InputEvent): Selected | null;
  /**
   * A text as it can stand in it, unit by unit: what it would drop or turn into something else it shows as spaces, so that each
   * place in the one is the same place in the other.
   */
  shown(text: string): string;
}

/** Puts `inserted` in place of what stands from `start` to `end`: one of the two, at least, is something. */
export function replacement(start: number, end: number, inserted: string): Changes {
  return [...(start > 0 ? [start] : []), ...(inserted ? [inserted] : []), ...(end > start ? [start - end] : [])];
}

/** Calls back with each part of changes: where it is, in the text as it is by then, how much goes, what comes. */
export function eachReplacement(
  changes: Changes,
  replace: (at: number, deleted: number, inserted: string) => void,
): void {
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") {
      replace(at, 0, change);
      at += change.length;
    } else if (change < 0) replace(at, -change, "");
    else at += change;
  }
}
