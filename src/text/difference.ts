import { type Changes, cutsPair, type Draft, finish, insert, keep, remove } from "./changes.ts";

/** The smallest changes at one place that make `next` of `text`: what both begin and end with is kept. No surrogate pair is cut. */
export function difference(text: string, next: string): Changes {
  const most = Math.min(text.length, next.length);
  let start = 0;
  while (start < most && text.charCodeAt(start) === next.charCodeAt(start)) start += 1;
  if (cutsPair(text, start) || cutsPair(next, start)) start -= 1;
  let rest = 0;
  while (rest < most - start && text.charCodeAt(text.length - rest - 1) === next.charCodeAt(next.length - rest - 1))
    rest += 1;
  if (cutsPair(text, text.length - rest) || cutsPair(next, next.length - rest)) rest -= 1;
  const draft: Draft = [];
  keep(draft, start);
  insert(draft, next.slice(start, next.length - rest), false);
  remove(draft, text.length - rest - start);
  return finish(draft);
}
