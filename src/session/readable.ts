import { failure, LIMITS, type Result } from "../protocol/index.ts";
import type { Slices } from "../storage.ts";

/**
 * Work that only reads. What is thrown at what the log says is its answer, while storage that fails is another matter (S14); and it ends
 * after so many turns: a log that somebody has made up may say anything (V82), and must end neither the document nor all others' turns.
 */
export function* readable<T>(work: Slices<Result<T>>, failed: (error: unknown) => void): Slices<Result<T>> {
  try {
    let now = 0;
    for (let turn = 0; turn < LIMITS.readingTurns; turn++) {
      const step = work.next(now);
      if (step.done) return step.value;
      now = yield;
    }
    failed(new Error(`it has not ended in ${LIMITS.readingTurns} turns`));
    return UNREADABLE;
  } catch (error) {
    if (!isOfTheLog(error)) throw error;
    failed(error);
    return UNREADABLE;
  } finally {
    work.return(UNREADABLE);
  }
}

const UNREADABLE = failure("unavailable", "this cannot be read of the document; try another moment, or another part");

/** Storage throws none of these. */
function isOfTheLog(error: unknown): boolean {
  return error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError;
}
