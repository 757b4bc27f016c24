/**
 * Work that takes longer than one turn may: it yields when it has done enough, goes on in a later turn, and is told the time
 * then. What it looks at may have changed in between.
 */
export type Slices<T> = Generator<void, T, number>;

/** How much a turn has done. Counted, as the clock stands still in production while code runs. */
export interface Meter {
  /** Notes work; a unit is what it takes to parse a character of the log. */
  add(units: number): void;
  /** Whether it was enough for one turn; if so it counts anew. */
  full(): boolean;
}

/** About 3 ms (V8 of Node 24, measured). */
const ENOUGH = 192 * 1024;
/** To look a node up, in document order and out of it. */
export const NEXT_NODE = 640;
export const ANY_NODE = 768;

export function createMeter(enough = ENOUGH): Meter {
  let done = 0;
  return {
    add(units) {
      done += units;
    },
    full() {
      if (done < enough) return false;
      done = 0;
      return true;
    },
  };
}

/** All of it at once. */
export function finish<T>(work: Slices<T>, now = 0): T {
  for (;;) {
    const step = work.next(now);
    if (step.done) return step.value;
  }
}
