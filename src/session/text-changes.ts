import type { Maker, Named } from "../storage.ts";
import { applyChanges, type Changes, changesOf, difference, lengthBefore, takenBack } from "../text/index.ts";

/** The changes that lead from one text to another, and for each of them who has made it, where that can be told. */
export interface ToldChanges {
  readonly changes: Changes;
  readonly by?: readonly (Maker | null)[];
}

/** What the edits of a text between two moments come to, forwards or backwards; undefined where nobody has edited it. */
export function textChanges(
  named: Readonly<Named> | undefined,
  attr: string,
  from: string,
  to: string,
  isForwards: boolean,
): ToldChanges | undefined {
  const edits = named?.texts?.get(attr);
  if (edits === undefined) return undefined;
  const parts = edits && (isForwards ? edits : takenBack(edits));
  const changes = parts && changesOf(parts, to);
  // What is known of it may be of another text, as where its node was made anew.
  if (!changes || lengthBefore(changes) > from.length || applyChanges(from, changes) !== to)
    return { changes: difference(from, to) };
  return { changes, by: parts.map((part) => (part.is === "kept" ? null : part.by)) };
}
