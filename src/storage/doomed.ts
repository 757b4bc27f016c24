import { EXPIRED, type NodeId } from "../tree/index.ts";
import type { NodeTable } from "./tables.ts";

/**
 * Removed branches that have expired and are not deleted yet. They are marked as `EXPIRED`, so what does not fit into the list
 * is found again from the rows.
 */
export interface Doomed {
  /** Whether something has to be deleted, or looked for. */
  readonly waits: boolean;
  /**
   * The top of what is to be deleted next; none while some of it is not marked yet: what was removed out of it would stand in
   * nothing.
   */
  readonly first: NodeId | undefined;
  /** The first one is gone. */
  shift(): void;
  add(tops: readonly NodeId[]): void;
  /** All that was removed up to a seq expires: it is looked for to be marked, and then once more to be deleted. */
  addRemoved(until: number): void;
  /**
   * Looks on, unless the list has some still: returns removed nodes among the next rows, and the seq up to which what was removed
   * is doomed, `EXPIRED` where what is marked is looked for. Nothing may differ from its row by a mark. Null where there is nothing
   * to look for.
   */
  look(): { readonly found: readonly NodeId[]; readonly until: number } | null;
  saved(): SavedDoomed;
}

/** What a checkpoint keeps of it. */
export interface SavedDoomed {
  readonly doomed: readonly NodeId[];
  readonly search: Search | null;
}

/** In the order of ids. */
interface Search {
  /** What was removed up to this seq is looked for. */
  readonly until: number;
  readonly after: NodeId;
  /** Whether there is more that may lie before. */
  readonly again: boolean;
}

/** Listed at most; a checkpoint writes them all: 128 KiB. */
const MOST_LISTED = 1_000;
/** Rows looked at, and removed ones found, at once: a few milliseconds. */
const ROWS_AT_ONCE = 1_024;
const FOUND_AT_ONCE = 250;
const MARKED: Search = { until: EXPIRED, after: "", again: false };

export function createDoomed(table: NodeTable, saved: SavedDoomed): Doomed {
  let list = [...saved.doomed];
  let { search } = saved;
  const isMarking = () => search !== null && search.until !== EXPIRED;
  return {
    get waits() {
      return list.length > 0 || search !== null;
    },
    get first() {
      return isMarking() ? undefined : list[0];
    },
    shift: () => void list.shift(),
    add(tops) {
      const room = Math.max(0, MOST_LISTED - list.length);
      list.push(...tops.slice(0, room));
      if (tops.length > room) search = search ? { ...search, again: true } : MARKED;
    },
    addRemoved(until) {
      list = [];
      search = { until, after: "", again: false };
    },
    look() {
      if (!search || (list.length > 0 && !isMarking())) return null;
      const { until, after, again } = search;
      const { found, last } = table.removed({ after, until }, ROWS_AT_ONCE, FOUND_AT_ONCE);
      if (last !== null) search = { until, after: last, again };
      else search = again || isMarking() ? MARKED : null;
      return { found, until };
    },
    saved: () => ({ doomed: list, search }),
  };
}
