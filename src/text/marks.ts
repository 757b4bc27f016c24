import { carried } from "./carry.ts";
import type { Changes } from "./changes.ts";
import { type Json, sameJson } from "./json.ts";

/** A mark on the units of a text from `from` up to `to`: bold, a link, or whatever `key` says. The value is not null. */
export type TextMark = readonly [from: number, to: number, key: string, value: Json];

/**
 * The marks of a text in their one form: by `from`, and by `key` in UTF-16 units where that is the same; none is empty, no two of one key
 * overlap, and neighbours of one key with equal values are one.
 */
export type MarkList = readonly TextMark[];

/** What is set or, with null, taken away. */
export interface Marking {
  readonly from: number;
  readonly to: number;
  readonly key: string;
  readonly value: Json;
}

/** The attribute that has the marks of the text `attr`, where there are any. */
export const marksAttr = (attr: string): string => `${attr}${SUFFIX}`;

const SUFFIX = ":marks";

/** Marks of one text. */
export const MOST_MARKS = 2_000;

/**
 * The marks of a text from what its attribute holds; null where that is no list of them, or one of too many. What is past the end of the
 * text is none: who replaces a text need not know its marks.
 */
export function marksOf(value: Json | undefined, length: number): MarkList | null {
  if (value === undefined) return [];
  if (!isNormal(value)) return null;
  return value.every(([, to]) => to <= length) ? value : clipped(value, 0, length);
}

function isNormal(value: Json): value is MarkList {
  if (!isList(value) || value.length > MOST_MARKS) return false;
  let before: TextMark | undefined;
  /** The last one of each key. */
  const last = new Map<string, TextMark>();
  for (const each of value) {
    if (!isMark(each) || (before && !isInOrder(before, each))) return false;
    const [from, , key] = each;
    const same = last.get(key);
    if (same && (same[1] > from || isOne(same, each))) return false;
    last.set(key, each);
    before = each;
  }
  return true;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function isMark(value: Json): value is TextMark {
  if (!isList(value) || value.length !== 4) return false;
  const [from, to, key, what] = value;
  return isPlace(from) && isPlace(to) && from < to && typeof key === "string" && what !== null;
}

const isPlace = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const isInOrder = ([from, , key]: TextMark, [next, , other]: TextMark) => from < next || (from === next && key < other);

/** Are these two of one key, the one right before the other, one? */
const isOne = ([, to, , value]: TextMark, [from, , , other]: TextMark) => to === from && sameJson(value, other);

/** Puts marks of which no two of one key overlap into their form. */
function inOrder(marks: readonly TextMark[]): MarkList {
  const result: TextMark[] = [];
  /** Where the last one of a key is in that. */
  const last = new Map<string, number>();
  for (const mark of marks.filter(([from, to]) => from < to).sort((a, b) => (isInOrder(a, b) ? -1 : 1))) {
    const [, to, key, value] = mark;
    const at = last.get(key) ?? -1;
    const before = result[at];
    if (before && isOne(before, mark)) result[at] = [before[0], to, key, value];
    else last.set(key, result.push(mark) - 1);
  }
  return result;
}

/**
 * The marks of a text that was changed. What is put between two units that both have a mark gets it; at the edge of a mark nothing does,
 * and a mark goes with the last of its units. Costs what the marks and the changes do.
 */
export function editMarks(marks: MarkList, changes: Changes): MarkList {
  if (marks.length === 0 || changes.length === 0) return marks;
  const starts = carried(
    marks.map(([from]) => from),
    changes,
    "right",
  );
  const ends = [...new Set(marks.map(([, to]) => to))].sort((a, b) => a - b);
  const moved = carried(ends, changes, "left");
  const endOf = new Map(ends.map((end, index) => [end, moved[index] ?? 0]));
  const next = marks.map((mark, index): TextMark => {
    const [from, to, key, value] = mark;
    const [start, end] = [starts[index] ?? 0, endOf.get(to) ?? 0];
    return start === from && end === to ? mark : [start, end, key, value];
  });
  return next.every((mark, index) => mark === marks[index]) ? marks : inOrder(next);
}

/** Sets a mark, or takes it away, whatever its units had of that key. */
export function setMark(marks: MarkList, { from, to, key, value }: Marking): MarkList {
  const others = marks.flatMap((mark): TextMark[] => {
    const [start, end, its, was] = mark;
    if (its !== key || end <= from || start >= to) return [mark];
    return [
      [start, from, key, was],
      [to, end, key, was],
    ];
  });
  return inOrder(value === null || from >= to ? others : [...others, [from, to, key, value]]);
}

/** Those of the units from `from` up to `to`, as the marks of a text that has only these. */
export function clipped(marks: MarkList, from: number, to: number): MarkList {
  return inOrder(
    marks.map(([start, end, key, value]) => [Math.max(start, from) - from, Math.min(end, to) - from, key, value]),
  );
}

/** Those of a text that was put behind another of `length` units. */
export function joinMarks(marks: MarkList, length: number, others: MarkList): MarkList {
  return inOrder([
    ...marks,
    ...others.map(([from, to, key, value]): TextMark => [from + length, to + length, key, value]),
  ]);
}

/** What makes the marks of one key on a range what they were in `marks`. */
export function marksBack(marks: MarkList, from: number, to: number, key: string): readonly Marking[] {
  const result: Marking[] = [];
  let at = from;
  for (const [start, end, its, value] of marks) {
    if (its !== key || end <= from || start >= to) continue;
    result.push({ from: at, to: start, key, value: null });
    at = Math.min(end, to);
    result.push({ from: Math.max(start, from), to: at, key, value });
  }
  result.push({ from: at, to, key, value: null });
  return result.filter((each) => each.from < each.to);
}
