import { type Result, success } from "../protocol/index.ts";
import type { Slices, StoredDocument } from "../storage.ts";
import type { Turns } from "./turns.ts";

/** Begins a checkpoint, unless one is under way. One of little is over at once, one of much goes on in the turns that follow. */
export function createCheckpointing(
  turns: Turns,
  commit: (now: number) => void,
): (stored: StoredDocument, now: number) => void {
  let underWay = false;
  function* inTurns(stored: StoredDocument, now: number): Slices<Result<null>> {
    underWay = true;
    try {
      const steps = stored.checkpointInSteps(now);
      for (let time = now; !steps.next(time).done; ) {
        time = yield;
        // The tree in memory has what waits for the log: a row of that would be repeated after a crash.
        commit(time);
      }
    } finally {
      underWay = false;
    }
    return success(null);
  }
  return (stored, now) => {
    if (!underWay) turns.begin(inTurns(stored, now), "background", now);
  };
}
