import { type Changes, type Draft, finish, insert, keep, remove } from "./changes.ts";

/**
 * `first` and then `second`, in one.
 *
 * Whoever else has changed the text gets the same over both as over the one: what `second` puts where `first` has taken
 * something away stands before that, so that it comes before all that others have put in there; what `first` has put
 * somewhere stays there among what is taken away around it.
 */
export function compose(first: Changes, second: Changes): Changes {
  const draft: Draft = [];
  let [i, j] = [0, 0];
  // What is left of the one and the other change; undefined: look at the next.
  let one: number | string | undefined;
  let other: number | string | undefined;
  let [oneBound, otherBound] = [false, false];
  for (;;) {
    if (one === undefined && i < first.length) {
      oneBound = first[i] === 0;
      if (oneBound) i += 1;
      one = first[i++];
    }
    if (other === undefined && j < second.length) {
      otherBound = second[j] === 0;
      if (otherBound) j += 1;
      other = second[j++];
    }
    if (typeof other === "string") {
      insert(draft, other, otherBound);
      other = undefined;
    } else if (one === undefined) {
      if (other === undefined) return finish(draft);
      if (other > 0) keep(draft, other);
      else remove(draft, -other);
      other = undefined;
    } else if (typeof one === "number" && one < 0) {
      remove(draft, -one);
      one = undefined;
    } else {
      const length = typeof one === "string" ? one.length : one;
      const common: number = other === undefined ? length : Math.min(length, Math.abs(other));
      const isKept = other === undefined || other > 0;
      if (typeof one === "string") {
        if (isKept) insertFirst(draft, common === length ? one : one.slice(0, common), oneBound);
        one = common === length ? undefined : one.slice(common);
      } else {
        if (isKept) keep(draft, common);
        else remove(draft, common);
        one = common === length ? undefined : one - common;
      }
      if (other !== undefined)
        other = Math.abs(other) === common ? undefined : other > 0 ? other - common : other + common;
    }
  }
}

/** Puts what was there before what stands before it, if that is put at the same place: bound, it binds that too. */
function insertFirst(draft: Draft, text: string, bound: boolean): void {
  const end = draft.length - 1;
  const last = draft[end];
  const before = draft[end - 1];
  if (!bound || typeof last !== "string" || before === 0) insert(draft, text, bound);
  else if (typeof before === "string") draft.splice(end - 1, 2, before + last + text);
  else draft.splice(end, 1, 0, last + text);
}

/** All of them, one after the other, in one: n of them in n · log n. */
export function composeAll(list: readonly Changes[]): Changes {
  let level = list;
  while (level.length > 1) {
    const next: Changes[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [first = [], second] = [level[i], level[i + 1]];
      next.push(second === undefined ? first : compose(first, second));
    }
    level = next;
  }
  return level[0] ?? [];
}
