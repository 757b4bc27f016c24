import { append, type Changes, type Draft, finish } from "./changes.ts";

/**
 * What `changes` come to when `over`, made of the same text, were there before: operational transformation, as in Ellis and
 * Gibbs (1989), on the order that one log gives.
 *
 * What both put at one place stands in the order of events, but what the later one has bound to its left neighbour stays
 * there. It is bound no more where the earlier one has taken that away. What is put inside of what the other takes away is
 * kept; what both take away goes once.
 *
 * `isEarlier`: the other half, what the earlier `changes` come to when the later `over` were there before.
 */
export function transform(changes: Changes, over: Changes, isEarlier = false): Changes {
  const draft: Draft = [];
  let [i, j] = [0, 0];
  // What is left of one change of each; 0: look at the next.
  let mine: number | string = 0;
  let theirs: number | string = 0;
  let [isMineBound, isTheirsBound, isLeftGone] = [false, false, false];
  for (;;) {
    if (mine === 0) {
      // A log that somebody has made up may end with a 0, which binds nothing.
      if (i >= changes.length) return finish(draft);
      isMineBound = changes[i] === 0;
      if (isMineBound) i += 1;
      mine = changes[i++] ?? 0;
    }
    if (theirs === 0 && j < over.length) {
      isTheirsBound = over[j] === 0;
      if (isTheirsBound) j += 1;
      theirs = over[j++] ?? 0;
    }
    if (typeof theirs === "string" && !(typeof mine === "string" && (isEarlier ? !isTheirsBound : isMineBound))) {
      append(draft, theirs.length, false);
      theirs = 0;
    } else if (typeof mine === "string") {
      append(draft, mine, isMineBound && !isLeftGone);
      mine = 0;
    } else if (typeof theirs === "number") {
      const common: number = Math.min(Math.abs(mine), Math.abs(theirs) || Math.abs(mine));
      if (theirs >= 0) append(draft, mine > 0 ? common : -common, false);
      isLeftGone = theirs < 0;
      mine = less(mine, common);
      theirs = less(theirs, common);
    }
  }
}

/** What is left of a number when so many units of it are done. */
export function less(change: number, units: number): number {
  return change > 0 ? change - units : change < 0 ? change + units : 0;
}
