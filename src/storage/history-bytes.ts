import type { Log } from "./log.ts";
import { MOST_COMMITS } from "./retention.ts";
import type { MetaTable } from "./tables.ts";

/** What a history takes in bytes, counted commit by commit and remembered: to ask for all of it would read as many rows. */
export interface HistoryBytes {
  /** Whether there is more to be counted than one round may. */
  readonly behind: boolean;
  /** Counts what has come since; says whether there was anything. */
  count(): boolean;
  /** The seq up to which commits have to go for no more than so many bytes to be left; as far as one round goes, and a little further. */
  past(most: number): number;
  /** The commits up to the one that begins with `first` are about to be dropped. */
  drop(first: number): void;
  /** Forgets it, where commits may go uncounted: it is counted anew. */
  forget(): void;
  /** Writes what is counted, with what the log has by then. */
  write(): void;
}

const KEY = "historyBytes";
/** Commits counted in one round: about 3 ms. */
const COUNTED = 4_096;

/** What was counted: the commits up to the one that begins with a seq. */
interface Count {
  readonly first: number;
  readonly bytes: number;
}
const NOTHING: Count = { first: 0, bytes: 0 };

export function createHistoryBytes(meta: MetaTable, log: () => Log): HistoryBytes {
  let known: Count | null = null;
  let behind = false;
  const counted = (): Count => {
    known ??= JSON.parse(meta.get(KEY) ?? JSON.stringify(NOTHING));
    return known ?? NOTHING;
  };
  return {
    get behind() {
      return behind;
    },
    count() {
      let { first, bytes } = counted();
      let commits = 0;
      behind = false;
      // A commit that is counted is in a row that nothing is added to: it is counted where a checkpoint is written.
      for (const commit of log().sizes(first)) {
        if (commits === COUNTED) {
          behind = true;
          break;
        }
        commits++;
        first = commit.first;
        bytes += commit.bytes;
      }
      known = { first, bytes };
      return commits > 0;
    },
    past(most) {
      let { bytes: left } = counted();
      if (left <= most) return 0;
      let commits = 0;
      let last = 0;
      for (const commit of log().sizes(0)) {
        if (left <= most || commits > MOST_COMMITS) break;
        ({ last } = commit);
        left -= commit.bytes;
        commits++;
      }
      return last;
    },
    drop(until) {
      let { first, bytes } = counted();
      for (const commit of log().sizes(0)) {
        if (commit.first > Math.min(until, first)) break;
        bytes -= commit.bytes;
      }
      known = { first, bytes };
    },
    forget() {
      known = NOTHING;
      if (meta.get(KEY) !== undefined) meta.put(KEY, JSON.stringify(NOTHING));
    },
    write: () => meta.put(KEY, JSON.stringify(counted())),
  };
}
