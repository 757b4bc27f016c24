import type { SkipShape, SkipTable } from "./tables.ts";

// A history of a million events is gone back through in steps of 1 024 events, of 16 times as many, and so on: so the steps are
// some dozens, whatever the length of it. Each ends at a seq that its span divides.

/** What is stored: to change it takes a new table. */
export const SHAPE: SkipShape = { step: 1_024, fanOut: 16 };
export const LEVELS = 4;
/** Characters of one: it is a row, and read as a whole. Where it would be larger its parts are read. */
const MOST_CHARS = 512 * 1024;

export function spanOf({ shape: { step, fanOut } }: SkipTable, level: number): number {
  return step * fanOut ** level;
}

/** The next boundary of steps below a seq, or the seq itself. */
export function boundaryAt({ shape: { step } }: SkipTable, seq: number): number {
  return seq - (seq % step);
}

/** A step back from a seq. */
export interface Skip {
  /** The seq that it leads to. */
  readonly to: number;
  readonly body: string;
}

/** The steps back from a seq that go no further than another one and are written, the longest first. */
export function* skipsFrom(skips: SkipTable, from: number, to: number): Generator<Skip> {
  for (let level = LEVELS - 1; level >= 0; level--) {
    const span = spanOf(skips, level);
    if (from === 0 || from % span !== 0 || from - span < to) continue;
    const body = skips.get(level, from);
    if (body) yield { to: from - span, body };
  }
}

/** The newest boundary up to this one, and down to `oldest`, below which no step was looked for yet; null if there is none. */
export function gapBelow(skips: SkipTable, from: number, oldest: number): number | null {
  let here = from;
  while (here - skips.shape.step >= oldest) {
    let level = LEVELS - 1;
    while (level >= 0 && (here % spanOf(skips, level) !== 0 || !skips.has(level, here))) level--;
    if (level < 0) return here;
    here -= spanOf(skips, level);
  }
  return null;
}

/** Writes a step; where it is too large that there is none. */
export function putSkip(skips: SkipTable, level: number, last: number, text: string | null): void {
  skips.put(level, last, text === null || text.length > MOST_CHARS ? "" : text);
}

/** The parts of a step, the newest first: null where one is too large, undefined where one was not looked for. */
export function partsOf(skips: SkipTable, level: number, last: number): readonly string[] | null | undefined {
  const span = spanOf(skips, level - 1);
  const lasts = Array.from({ length: skips.shape.fanOut }, (_, part) => last - part * span);
  if (!lasts.every((each) => skips.has(level - 1, each))) return undefined;
  const bodies = lasts.map((each) => skips.get(level - 1, each) ?? "");
  return bodies.includes("") ? null : bodies;
}
