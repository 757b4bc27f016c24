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

/** Adds one that is not 0. What was normal stays so; a string that is bound to one that is put there as well is one with it. */
export function append(draft: Draft, change: number | string, isBound: boolean): void {
  const end = draft.length - 1;
  const last = draft[end];
  if (typeof change === "number") {
    if (typeof last === "number" && last > 0 === change > 0) draft[end] = last + change;
    else if (change !== 0) draft.push(change);
  } else if (typeof last === "string" && (isBound || draft[end - 1] !== 0)) draft[end] = last + change;
  else if (isBound) draft.push(0, change);
  else draft.push(change);
}

/** Takes away the keep at the end. */
export function finish(draft: Draft): Changes {
  const last = draft[draft.length - 1];
  if (typeof last === "number" && last > 0) draft.pop();
  return draft;
}

/** Changes behind so many units; normal, whatever they were. */
export function normalize(changes: Changes, before = 0): Changes {
  const draft: Draft = [];
  append(draft, before, false);
  changes.forEach((change, index) => {
    if (change !== "") append(draft, change, changes[index - 1] === 0);
  });
  return finish(draft);
}

/** The text that `changes` make of `text`. They have to fit it (`problemOf`). */
export function applyChanges(text: string, changes: Changes): string {
  let result = "";
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") result += change;
    else {
      if (change > 0) result += text.slice(at, at + change);
      at += Math.abs(change);
    }
  }
  return result + text.slice(at);
}

/** The changes that take back `changes` of `text`. */
export function invert(changes: Changes, text: string): Changes {
  const draft: Draft = [];
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") append(draft, -change.length, false);
    else {
      const end = at + Math.abs(change);
      if (change !== 0) append(draft, change > 0 ? change : text.slice(at, end), false);
      at = end;
    }
  }
  return finish(draft);
}

/** The units that a text needs to have at least. */
export function lengthBefore(changes: Changes): number {
  return changes.reduce<number>((sum, change) => sum + (typeof change === "string" ? 0 : Math.abs(change)), 0);
}

/** The units by which a text becomes longer; below 0: shorter. */
export function growth(changes: Changes): number {
  return changes.reduce<number>(
    (sum, change) => sum + (typeof change === "string" ? change.length : Math.min(change, 0)),
    0,
  );
}

/** Is `at` inside a surrogate pair? */
export function cutsPair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}

/** Why `changes` can't be made of `text`, or null: they go past its end, or cut a surrogate pair. */
export function problemOf(changes: Changes, text: string): string | null {
  let at = 0;
  let cuts = false;
  for (const change of changes) {
    const start = at;
    if (typeof change === "string") cuts ||= !change.isWellFormed();
    else at += Math.abs(change);
    // A keep may end anywhere: what follows it may not begin there.
    if (typeof change === "string" || change < 0) cuts ||= cutsPair(text, start) || cutsPair(text, at);
  }
  if (at > text.length) return `ends at ${at}, the text at ${text.length}`;
  return cuts ? "cuts a surrogate pair" : null;
}
