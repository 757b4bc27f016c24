import { type Changes, type Draft, finish, insert, keep, remove } from "./changes.ts";

/**
 * What `changes` come to when `over`, made of the same text, were there before: operational transformation, as in Ellis and
 * Gibbs (1989), on the order that one log gives.
 *
 * What both put at one place stands in the order of events, but what the later one has bound to its left neighbour stays
 * there, unless the earlier one has taken that away. What is put inside of what the other takes away is kept; what both
 * take away goes once.
 */
export function transform(changes: Changes, over: Changes): Changes {
  return walk(changes, over, false);
}

/** The other half: what the earlier `changes` come to when the later `over` were there before. */
export function transformEarlier(changes: Changes, over: Changes): Changes {
  return walk(changes, over, true);
}

function walk(changes: Changes, over: Changes, isEarlier: boolean): Changes {
  if (over.length === 0 || changes.length === 0) return changes;
  const draft: Draft = [];
  let [i, j] = [0, 0];
  // What is left of one change of each; 0: look at the next.
  let mine: number | string = 0;
  let theirs: number | string = 0;
  let [mineBound, theirsBound] = [false, false];
  // Whether the other one has taken away the unit to the left.
  let isLeftGone = false;
  for (;;) {
    if (mine === 0) {
      if (i === changes.length) return finish(draft);
      mineBound = changes[i] === 0;
      if (mineBound) i += 1;
      mine = changes[i++] ?? 0;
    }
    if (theirs === 0 && j < over.length) {
      theirsBound = over[j] === 0;
      if (theirsBound) j += 1;
      theirs = over[j++] ?? 0;
    }
    const stays = mineBound && !isLeftGone;
    if (typeof theirs === "string" && typeof mine === "string") {
      const mineFirst = isEarlier ? !theirsBound : mineBound;
      if (mineFirst) {
        insert(draft, mine, stays);
        mine = 0;
      } else {
        keep(draft, theirs.length);
        theirs = 0;
      }
    } else if (typeof theirs === "string") {
      keep(draft, theirs.length);
      theirs = 0;
    } else if (typeof mine === "string") {
      insert(draft, mine, stays);
      mine = 0;
    } else {
      const length = Math.abs(mine);
      const common: number = theirs === 0 ? length : Math.min(length, Math.abs(theirs));
      if (theirs >= 0) {
        if (mine > 0) keep(draft, common);
        else remove(draft, common);
      }
      isLeftGone = theirs < 0;
      mine = mine > 0 ? mine - common : mine + common;
      if (theirs !== 0) theirs = theirs > 0 ? theirs - common : theirs + common;
    }
  }
}
