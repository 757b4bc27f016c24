import type { Bar, Section } from "../report/section.ts";
import type { Notes } from "../scenarios/scene.ts";

/** What one question about the code before and now has found. */
export type Part = Pick<Section, "tables" | "bars">;

/** How many times faster than before it is now, where both were measured; `keyOf` gives the key of milliseconds. */
export function fasterBar(what: string, least: number, notes: Notes, keyOf: (side: string) => string): Bar[] {
  const [now, before] = [notes.median(keyOf("now")), notes.median(keyOf("before"))];
  if (now === null || before === null) return [];
  return [{ what: `${what}, against before`, value: before / now, unit: "×", bar: least, at: "least" }];
}

/** What it is now must not be more than this. */
export function mostBar(what: string, value: number | null, most: number, unit: string): Bar[] {
  return value === null ? [] : [{ what, value, unit, bar: most, at: "most" }];
}
