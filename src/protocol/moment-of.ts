import * as v from "valibot";
import { LIMITS } from "./limits.ts";

/**
 * A state of a document: right after the event `seq`, right after the last event at or before a `time` (Unix milliseconds), or that
 * of a `version`, by its name or id.
 */
export type Moment = { readonly seq: number } | { readonly time: number } | { readonly version: string };

/** The same as it comes: a seq, a time from `FIRST_TIME` on, or `version:NAME`. */
export type MomentInput = number | string;

/** Whole numbers from here on, March 1973, are times: nobody makes so many events. Unix milliseconds. */
export const FIRST_TIME = 100_000_000_000;

const VERSION = "version:";

function momentOf(input: unknown): Moment | null {
  if (typeof input === "number" && Number.isSafeInteger(input) && input >= 0) {
    return input < FIRST_TIME ? { seq: input } : { time: input };
  }
  if (typeof input !== "string" || !input.startsWith(VERSION)) return null;
  const version = input.slice(VERSION.length);
  const isName = version.length > 0 && version.length <= LIMITS.versionNameLength && version.isWellFormed();
  return isName ? { version } : null;
}

/** How a moment is written: what `momentOf` reads. */
export function momentInput(moment: Moment): MomentInput {
  if ("version" in moment) return `${VERSION}${moment.version}`;
  return "seq" in moment ? moment.seq : moment.time;
}

export function momentText(moment: Moment): string {
  return String(momentInput(moment));
}

/** A seq, a time or the text `version:NAME`, decoded into a `Moment`. */
export const moment = v.pipe(
  v.custom<number | string>(
    (value) => momentOf(value) !== null,
    ({ input }) => `must be a seq, a time in Unix milliseconds or version:NAME, not ${shown(input)}`,
  ),
  v.transform((value): Moment => momentOf(value) ?? { seq: 0 }),
);

function shown(input: unknown): string {
  if (typeof input === "string") return `"${input.slice(0, 40)}"`;
  return typeof input === "number" || input === null ? String(input) : typeof input;
}
