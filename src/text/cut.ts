import { type Changes, type Draft, finish, insert, keep, remove } from "./changes.ts";

/** Changes of a text that is cut in two. */
export interface Cut {
  readonly left: Changes;
  readonly right: Changes;
  /** Where the changed text is to be cut. */
  readonly at: number;
}

/** What is put right at the place goes to the left of it, or with all the rest to the right (`side`). */
export function cutChanges(changes: Changes, at: number, side: "left" | "right"): Cut {
  const [left, right]: [Draft, Draft] = [[], []];
  let rest = at;
  let cut = 0;
  let bound = false;
  for (const change of changes) {
    if (typeof change === "string") {
      const goesLeft = rest > 0 || (rest === 0 && right.length === 0 && side === "left");
      insert(goesLeft ? left : right, change, bound);
      if (goesLeft) cut += change.length;
    } else {
      const first = Math.min(rest, Math.abs(change));
      if (change > 0) {
        keep(left, first);
        keep(right, change - first);
        cut += first;
      } else {
        remove(left, first);
        remove(right, -change - first);
      }
      rest -= first;
    }
    bound = change === 0;
  }
  return { left: finish(left), right: finish(right), at: cut + rest };
}

/** `changes` behind `before` units more. */
export function behind(changes: Changes, before: number): Changes {
  if (before === 0 || changes.length === 0) return changes;
  const draft: Draft = [before];
  let bound = false;
  for (const change of changes) {
    if (typeof change === "string") insert(draft, change, bound);
    else if (change > 0) keep(draft, change);
    else remove(draft, -change);
    bound = change === 0;
  }
  return draft;
}
