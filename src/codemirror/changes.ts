import { type ChangeSet, Text as Lines } from "@codemirror/state";
import type { Changes } from "../text/index.ts";

// An editor whose line separator is "\n" alone counts as a text does: one for each unit, line breaks included. So positions are the same in both.

/** A change of CodeMirror as changes of the text, all its ranges in one. */
export function changesOf(set: ChangeSet): Changes {
  const changes: (number | string)[] = [];
  let at = 0;
  set.iterChanges((from, to, _fromB, _toB, inserted) => {
    // Not a 0: before a string it would mean that the insert stays with what is before it.
    if (from > at) changes.push(from - at);
    if (inserted.length > 0) changes.push(inserted.toString());
    if (to > from) changes.push(from - to);
    at = to;
  });
  return changes;
}

interface Range {
  readonly from: number;
  readonly to?: number;
  readonly insert?: Lines;
}

/** Changes of a text as CodeMirror takes them. */
export function rangesOf(changes: Changes): Range[] {
  const ranges: Range[] = [];
  let at = 0;
  for (const part of changes) {
    if (typeof part === "string") ranges.push({ from: at, insert: Lines.of(part.split("\n")) });
    else if (part < 0) ranges.push({ from: at, to: at - part });
    if (typeof part === "number") at += Math.abs(part);
  }
  return ranges;
}
