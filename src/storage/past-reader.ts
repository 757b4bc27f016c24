import type { LoggedEvent } from "../protocol/index.ts";
import type { StoredDocument } from "./document.ts";
import { type Commit, entriesOf, parsingOf, sizeOf } from "./log.ts";
import type { Meter } from "./slices.ts";

/** Reads single events of the log, the last commits of which are kept, and counts what that takes. */
export interface PastReader {
  /** The event `seq`; undefined where the log does not have it any more. */
  at(seq: number): LoggedEvent | undefined;
  /** The events of the commit that has the event `seq`. */
  around(seq: number): readonly LoggedEvent[] | undefined;
  /** The events of a commit that is read anyway. */
  entries(commit: Commit): readonly LoggedEvent[];
  count(work: number): void;
  /** Whether this page has read as much as it may. */
  readonly isOver: boolean;
}

/** What somebody asks for one after the other is often in a few commits. */
const MOST_KEPT = 4;
/** Of large ones the last alone is kept. Characters. */
const MOST_CHARACTERS = 1024 * 1024;

export function createPastReader({ log }: Pick<StoredDocument, "log">, meter: Meter, most: number): PastReader {
  let kept: (readonly LoggedEvent[])[] = [];
  let characters = 0;
  let left = most;
  const count = (work: number) => {
    left -= work;
    meter.add(work);
  };
  const entries = (commit: Commit) => {
    const known = kept.find(([first]) => first?.seq === commit.first);
    if (known?.length === commit.last - commit.first + 1) return known;
    count(parsingOf(commit));
    const read = entriesOf(commit);
    const size = sizeOf(commit);
    characters = characters + size > MOST_CHARACTERS ? size : characters + size;
    kept = characters > size ? [...kept, read].slice(-MOST_KEPT) : [read];
    return read;
  };
  const around = (seq: number) => {
    const known = kept.find((each) => (each[0]?.seq ?? 0) <= seq && seq <= (each.at(-1)?.seq ?? 0));
    if (known) return known;
    const commit = seq > 0 ? log.at(seq) : undefined;
    return commit && entries(commit);
  };
  return {
    around,
    at: (seq) => around(seq)?.find((each) => each.seq === seq),
    entries,
    count,
    get isOver() {
      return left <= 0;
    },
  };
}
