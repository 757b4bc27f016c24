import type { Maker, Named, Net } from "../storage.ts";
import {
  applyChanges,
  type Changes,
  changesOf,
  difference,
  invert,
  lengthBefore,
  normalize,
  problemOf,
  takenBack,
} from "../text/index.ts";
import type { NodeId } from "../tree/index.ts";

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
  if (!changes || !leads(changes, from, to)) return { changes: difference(from, to) };
  return { changes, by: parts.map((part) => (part.is === "kept" ? null : part.by)) };
}

/** The same as changes that an edit may have, by the net difference; undefined where nobody has edited it, or somebody has replaced it besides. */
export function netChanges(
  net: Net,
  id: NodeId,
  attr: string,
  from: string,
  to: string,
  isForwards: boolean,
): Changes | undefined {
  const back = net.changesBack(id, attr);
  if (!back) return undefined;
  const changes = normalize(isForwards ? invert(back, to) : back);
  return leads(changes, from, to) && !problemOf(changes, from) ? changes : difference(from, to);
}

/** What is known of a text may be of another one, as where its node was made anew. */
function leads(changes: Changes, from: string, to: string): boolean {
  return lengthBefore(changes) <= from.length && applyChanges(from, changes) === to;
}
