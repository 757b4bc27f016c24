import type { TreeEvent } from "../protocol/index.ts";
import { eventsOf, type Log } from "./log.ts";

export interface Author {
  readonly client: string | null;
  readonly userId: string | null;
}

/** Who made which event: the conflict rules ask for it. */
export interface Authors {
  note(event: TreeEvent): void;
  /** Undefined where the log does not have the event any more. */
  of(seq: number, log: Log): Author | undefined;
}

/** Of the last events, kept in memory; and as many that were read back from the log. */
const KEPT = 4_096;

export function createAuthors(): Authors {
  const last = new Map<number, Author>();
  const older = new Map<number, Author>();
  return {
    note({ seq, client, userId }) {
      last.set(seq, { client, userId });
      last.delete(seq - KEPT);
    },
    of(wanted, log) {
      const known = last.get(wanted) ?? older.get(wanted);
      if (known) return known;
      if (older.size > KEPT) older.clear();
      // A commit is taken apart for all of its events at once.
      const [commit] = log.after(wanted - 1);
      for (const { seq, client, userId } of commit ? eventsOf(commit) : []) older.set(seq, { client, userId });
      return older.get(wanted);
    },
  };
}
