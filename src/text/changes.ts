/**
 * What becomes of a text, from its beginning on, in UTF-16 units: a number above 0 keeps so many, a string is put there, a
 * number below 0 takes so many away. What is left over at the end is kept; `[]` changes nothing.
 *
 * A 0 right before a string binds it to the unit on its left: it stays there whatever others put at the same place. So the
 * run that somebody types, an event a key, is never cut.
 *
 * Normal is what has no two neighbours of one kind (but a bound string and one that is not), nothing empty, and no keep at
 * the end. Whether a string stands before or behind what is taken away at the same place is no matter to the text, and left
 * as it is: it says where the string was put, to those who have put something between.
 */
export type Changes = readonly (number | string)[];

/** Changes in the making. */
export type Draft = (number | string)[];

/** Is normal afterwards if it was before. */
export function keep(draft: Draft, length: number): void {
  if (length === 0) return;
  const end = draft.length - 1;
  const last = draft[end];
  if (typeof last === "number" && last > 0) draft[end] = last + length;
  else draft.push(length);
}

/** As `keep`. `length` is above 0. */
export function remove(draft: Draft, length: number): void {
  if (length === 0) return;
  const end = draft.length - 1;
  const last = draft[end];
  if (typeof last === "number" && last < 0) draft[end] = last - length;
  else draft.push(-length);
}

/** As `keep`. What is bound to something that is put there as well is one with it. */
export function insert(draft: Draft, text: string, bound: boolean): void {
  if (text === "") return;
  const end = draft.length - 1;
  const last = draft[end];
  if (typeof last === "string" && (bound || draft[end - 1] !== 0)) draft[end] = last + text;
  else if (bound) draft.push(0, text);
  else draft.push(text);
}

/** Takes away the keep at the end. */
export function finish(draft: Draft): Changes {
  const last = draft[draft.length - 1];
  if (typeof last === "number" && last > 0) draft.pop();
  return draft;
}

/** The normal form of any list of changes. */
export function normalize(changes: Changes): Changes {
  const draft: Draft = [];
  let bound = false;
  for (const change of changes) {
    if (typeof change === "string") insert(draft, change, bound);
    else if (change > 0) keep(draft, change);
    else remove(draft, -change);
    bound = change === 0;
  }
  return finish(draft);
}

/** The text that `changes` make of `text`. They have to fit it (`problemOf`). */
export function applyChanges(text: string, changes: Changes): string {
  let result = "";
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") result += change;
    else if (change > 0) {
      result += text.slice(at, at + change);
      at += change;
    } else at -= change;
  }
  return at < text.length ? result + text.slice(at) : result;
}

/** The changes that take back `changes` of `text`. */
export function invert(changes: Changes, text: string): Changes {
  const draft: Draft = [];
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") remove(draft, change.length);
    else if (change > 0) {
      keep(draft, change);
      at += change;
    } else if (change < 0) {
      insert(draft, text.slice(at, at - change), false);
      at -= change;
    }
  }
  return finish(draft);
}

/** The units that a text needs to have at least. */
export function lengthBefore(changes: Changes): number {
  let length = 0;
  for (const change of changes) if (typeof change === "number") length += Math.abs(change);
  return length;
}

/** The units by which a text becomes longer; below 0: shorter. */
export function growth(changes: Changes): number {
  let length = 0;
  for (const change of changes) {
    if (typeof change === "string") length += change.length;
    else if (change < 0) length += change;
  }
  return length;
}

/** Is `at` inside a surrogate pair? */
export function cutsPair(text: string, at: number): boolean {
  return isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** Why `changes` can't be made of `text`, or null: they go past its end, cut a surrogate pair, or put in half of one. */
export function problemOf(changes: Changes, text: string): string | null {
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") {
      if (cutsPair(text, at)) return `cuts the surrogate pair at ${at - 1}`;
      if (!change.isWellFormed()) return `puts half of a surrogate pair at ${at}`;
      continue;
    }
    if (change < 0 && cutsPair(text, at)) return `cuts the surrogate pair at ${at - 1}`;
    at += Math.abs(change);
    if (at > text.length) return `goes to ${at} in a text of ${text.length}`;
    if (change < 0 && cutsPair(text, at)) return `cuts the surrogate pair at ${at - 1}`;
  }
  return null;
}
