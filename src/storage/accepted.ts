/** Mutations whose counters and seqs follow each other: the first counter, the first seq, how many there are. */
export type Run = readonly [counter: number, seq: number, length: number];

/** Which mutations of a client were accepted last, and where they are in the log. */
export interface Accepted {
  /** Oldest first. */
  readonly runs: readonly Run[];
  /** Whether there have been others before them. */
  readonly more: boolean;
}

export const NONE_ACCEPTED: Accepted = { runs: [], more: false };

/** One frame of mutations is one run, so they are more than any client has unanswered. */
const MOST_RUNS = 64;

/** Counters and seqs of a client rise together; one that is known already, as after a reload, changes nothing. */
export function addAccepted({ runs, more }: Accepted, counter: number, seq: number): Accepted {
  const last = runs.at(-1);
  if (!last) return { runs: [[counter, seq, 1]], more };
  const [first, start, length] = last;
  if (counter < first + length) return { runs, more };
  const before = runs.slice(0, -1);
  if (counter === first + length && seq === start + length)
    return { runs: [...before, [first, start, length + 1]], more };
  const all: Run[] = [...before, last, [counter, seq, 1]];
  return { runs: all.slice(-MOST_RUNS), more: more || all.length > MOST_RUNS };
}

/**
 * The seq of a counter that was answered; null where no event was its answer; undefined where that is no longer known,
 * and the log before the first run has to be looked through.
 */
export function seqOf({ runs, more }: Accepted, counter: number): number | null | undefined {
  const [oldest] = runs;
  if (more && (!oldest || counter < oldest[0])) return undefined;
  const run = runs.findLast(([first]) => first <= counter);
  if (!run) return null;
  const [first, seq, length] = run;
  return counter < first + length ? seq + counter - first : null;
}
