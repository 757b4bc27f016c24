import type { HistoryEntry, TreeEvent } from "../protocol/index.ts";
import type { Inverse } from "../tree/index.ts";

/** A row of the log: the events committed together, as text. */
export interface Commit {
  readonly first: number;
  readonly last: number;
  readonly time: number;
  /** The events as they are sent, joined by commas. */
  readonly events: string;
  /** For each event the list of its inverses, joined by commas. */
  readonly inverses: string;
}

export interface Log {
  append(commit: Commit): void;
  /** The commits that hold events after `seq`, oldest first; the first may begin with older ones. */
  after(seq: number, since?: number): Generator<Commit>;
  /** All commits, newest first. */
  backward(): Generator<Commit>;
  /** The first seq that is still kept, or null when the log is empty. */
  oldest(): number | null;
  /** Drops the commits up to the one that begins with the seq `first`. */
  drop(first: number): void;
}

/** Characters that a commit takes. */
export function sizeOf({ events, inverses }: Commit): number {
  return events.length + inverses.length;
}

/** The events of a commit. */
export function eventsOf(commit: Commit): TreeEvent[] {
  const events: TreeEvent[] = JSON.parse(`[${commit.events}]`);
  return events;
}

/** The events of a commit with what undoes them. */
export function entriesOf(commit: Commit): HistoryEntry[] {
  const inverses: Inverse[][] = JSON.parse(`[${commit.inverses}]`);
  return eventsOf(commit).map((event, index) => ({ ...event, inverse: inverses[index] ?? [] }));
}
