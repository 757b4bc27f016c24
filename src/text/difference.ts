import { type Changes, cutsPair, normalize } from "./changes.ts";

/** The smallest changes at one place that make `next` of `text`: what both begin and end with is kept. No surrogate pair is cut. */
export function difference(text: string, next: string): Changes {
  const most = Math.min(text.length, next.length);
  let start = 0;
  while (start < most && text[start] === next[start]) start += 1;
  if (cutsPair(text, start) || cutsPair(next, start)) start -= 1;
  let [end, nextEnd] = [text.length, next.length];
  while (end > start && nextEnd > start && text[end - 1] === next[nextEnd - 1]) [end, nextEnd] = [end - 1, nextEnd - 1];
  if (cutsPair(text, end) || cutsPair(next, nextEnd)) [end, nextEnd] = [end + 1, nextEnd + 1];
  return normalize([start, next.slice(start, nextEnd), start - end].slice(start === 0 ? 1 : 0));
}
