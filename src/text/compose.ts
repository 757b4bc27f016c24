import { append, type Changes, type Draft, finish } from "./changes.ts";
import { less } from "./transform.ts";

/**
 * `first` and then `second`, in one.
 *
 * Whoever else has changed the text gets the same over both as over the one: what `second` puts where `first` has taken
 * something away stands before that, so that it comes before all that others have put in there; what `first` has put
 * somewhere stays there among what is taken away around it. It is only where the two are somebody's own, and meet what came
 * earlier, that it may come differently: among what `first` has taken away, and next to a bound string that `second` puts one
 * before that is not.
 */
export function compose(first: Changes, second: Changes): Changes {
  const draft: Draft = [];
  let [i, j] = [0, 0];
  // What is left of one change of each; 0: look at the next.
  let one: number | string = 0;
  let other: number | string = 0;
  let [isOneBound, isOtherBound] = [false, false];
  for (;;) {
    if (one === 0 && i < first.length) {
      isOneBound = first[i] === 0;
      if (isOneBound) i += 1;
      one = first[i++] ?? 0;
    }
    if (other === 0) {
      if (j >= second.length && one === 0) return finish(draft);
      isOtherBound = second[j] === 0;
      if (isOtherBound) j += 1;
      other = second[j++] ?? 0;
    }
    if (typeof other === "string") {
      append(draft, other, isOtherBound);
      other = 0;
    } else if (typeof one === "number" && one < 0) {
      append(draft, one, false);
      one = 0;
    } else {
      const length = typeof one === "string" ? one.length : one;
      const common: number = Math.min(length || Math.abs(other), Math.abs(other) || length);
      if (typeof one === "string") {
        if (other >= 0) append(draft, one.slice(0, common), isOneBound);
        one = one.slice(common) || 0;
      } else {
        append(draft, other < 0 ? -common : common, false);
        one = less(one, common);
      }
      other = less(other, common);
    }
  }
}

/** All of them, one after the other, in one: n of them in n · log n. */
export function composeAll(list: readonly Changes[]): Changes {
  let level = list;
  while (level.length > 1) {
    const next: Changes[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(compose(level[i] ?? [], level[i + 1] ?? []));
    level = next;
  }
  return level[0] ?? [];
}

/**
 * The same in as few as the marks of the text go with as with each by itself: what is put where something was taken away stands apart
 * from that, for beside it was a mark that it might get now, or not get.
 */
export function composeApart(list: readonly Changes[]): readonly Changes[] {
  let level = list.map((changes): readonly Changes[] => [changes]);
  while (level.length > 1) {
    const next: (readonly Changes[])[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(chained(level[i] ?? [], level[i + 1] ?? []));
    level = next;
  }
  return level[0] ?? [];
}

function chained(some: readonly Changes[], others: readonly Changes[]): readonly Changes[] {
  const [last, first] = [some.at(-1), others[0]];
  if (last === undefined || first === undefined || putsWhereTaken(last, first)) return [...some, ...others];
  return [...some.slice(0, -1), compose(last, first), ...others.slice(1)];
}

function putsWhereTaken(first: Changes, second: Changes): boolean {
  const taken = new Set<number>();
  let at = 0;
  for (const change of first) {
    if (typeof change === "string") at += change.length;
    else if (change < 0) taken.add(at);
    else at += change;
  }
  if (taken.size === 0) return false;
  at = 0;
  for (const change of second) {
    if (typeof change === "string") {
      if (taken.has(at)) return true;
    } else at += Math.abs(change);
  }
  return false;
}
