import type { Attrs, Json, NodeRecord } from "./node.ts";

/** About how many characters attributes take as JSON; cheap for flat ones, which nearly all are. */
export function weighAttrs(attrs: Attrs): number {
  return sumOf(attrs, "characters");
}

/** What a record takes in memory beside its content. */
const RECORD_WEIGHT = 300;
/** An id at its longest, as a list of 2 000 is not to be measured at each look. */
const GUEST_WEIGHT = 144;

/** About how many bytes a record takes in memory. */
export function weighRecord({ id, attrs, written, past }: Readonly<NodeRecord>): number {
  const bytes = RECORD_WEIGHT + id.length + sumOf(attrs, "held") + (written ? sumOf(written, "held") : 0);
  return past?.guests ? bytes + GUEST_WEIGHT * past.guests.length : bytes;
}

/** What attributes take: a value that nests as it is measured. */
function sumOf(attrs: Attrs, what: keyof Measured): number {
  let sum = 2;
  for (const key of Object.keys(attrs)) {
    const value = attrs[key];
    sum += key.length + 4;
    if (typeof value === "string") sum += value.length;
    else if (typeof value === "object" && value !== null) sum += measured(value)[what];
    else sum += 12;
  }
  return sum;
}

interface Measured {
  /** As JSON. */
  readonly characters: number;
  /**
   * In memory. What nests takes far more than its text: a mebibyte of `[],[],[]` is 11 MiB of lists (V8 of Node 24, 2026-11-27).
   */
  readonly held: number;
}

/** Of large values. They are never written in place, so what was measured once holds. */
const known = new WeakMap<object, Measured>();
/** A smaller one is measured in the time that it takes to look it up, and not to be kept track of. */
const LARGE = 1_024;
/** What a value within another takes beside its text: a list or an object, a text, anything else. */
const NESTED = 32;
const NESTED_TEXT = 24;
const NESTED_WORD = 8;

function measured(value: object & Json): Measured {
  const before = known.get(value);
  if (before) return before;
  const characters = JSON.stringify(value).length;
  const now = { characters, held: characters + besideText(value) };
  if (characters > LARGE) known.set(value, now);
  return now;
}

/** What a value takes beside its text. It nests no deeper than the protocol lets it. */
function besideText(value: Json): number {
  if (typeof value === "string") return NESTED_TEXT;
  if (typeof value !== "object" || value === null) return NESTED_WORD;
  let bytes = NESTED;
  for (const each of Array.isArray(value) ? value : Object.values(value)) bytes += besideText(each);
  return bytes;
}
