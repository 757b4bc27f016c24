import { type Changes, cutsPair } from "../text/index.ts";
import { replacement } from "./field.ts";

/** UTF-16 units around a border in which the character that it may cut is looked for. */
const WINDOW = 64;
const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The smallest edit that makes one text of the other, as near before the caret behind it as may be: of the two letters of "aa" it
 * is the one that was typed. What is replaced is replaced by whole characters as people see them; what is only added or only
 * deleted is what the browser made of it, as it knows better which part of a character a key takes.
 */
export function editNear(before: string, after: string, caret: number): Changes {
  const shorter = Math.min(before.length, after.length);
  const behind = Math.min(shorter, after.length - caret);
  let end = 0;
  while (end < behind && isSame(before, after, end)) end++;
  let start = 0;
  while (start < shorter - end && before[start] === after[start]) start++;
  while (end < shorter - start && isSame(before, after, end)) end++;

  const isBorder = start + end < shorter ? isBetweenCharacters : isBetweenPairs;
  while (!isBorder(before, start) || !isBorder(after, start)) start--;
  while (!isBorder(before, before.length - end) || !isBorder(after, after.length - end)) end--;

  if (start === before.length && start === after.length) return [];
  return replacement(start, before.length - end, after.slice(start, after.length - end));
}

/** Whether the units are the same that stand so far from the end of each. */
function isSame(before: string, after: string, fromEnd: number): boolean {
  return before[before.length - 1 - fromEnd] === after[after.length - 1 - fromEnd];
}

function isBetweenPairs(text: string, at: number): boolean {
  return !cutsPair(text, at);
}

function isBetweenCharacters(text: string, at: number): boolean {
  if (at === 0 || at === text.length) return true;
  const from = Math.max(0, at - WINDOW);
  return characters.segment(text.slice(from, at + WINDOW)).containing(at - from)?.index === at - from;
}
