import { LIMITS, type TreeEvent } from "../protocol/index.ts";
import type { StoredDocument } from "./document.ts";
import { eventsOf, mentions, workOf } from "./log.ts";
import type { Author } from "./recent.ts";
import type { Meter, Slices } from "./slices.ts";

/** Whose doing it is. */
export type Doings = { readonly user: string | null } | { readonly client: string };

export interface DoingsQuery {
  /** So many mutations, or groups of them. */
  readonly count: number;
  /** Only what was done before this seq. */
  readonly before?: number | undefined;
  /** What was undone last, instead of what was done. */
  readonly redo: boolean;
}

/**
 * The events that somebody has made last and that are not undone, the newest first, those of one group together; or those that were
 * undone last, by whomever, if he has done nothing since. As far as an undo may name them: then there may be less than was asked for.
 * `tooLarge` where none is found in as much of the log as may be looked through.
 */
export function* lastDoings(
  { log, recent }: Pick<StoredDocument, "log" | "recent">,
  whose: Doings,
  { count, before = Number.POSITIVE_INFINITY, redo }: DoingsQuery,
  meter: Meter,
): Slices<readonly number[] | "tooLarge"> {
  const budget = { work: LIMITS.undoSearch };
  /** What the last event that was about an event has made of it. */
  const undone = new Map<number, boolean>();
  const found = createGroups(count);
  const ofTheirs = function* (seqs: readonly number[]): Slices<readonly number[]> {
    const own: number[] = [];
    for (const seq of seqs) {
      const left = budget.work;
      if (isBy(recent.lookUp(seq, budget), whose)) own.push(seq);
      meter.add(left - budget.work);
      if (meter.full()) yield;
    }
    return own;
  };
  for (const commit of log.backward()) {
    const looked = mentions(commit, [...UNDOES, nameOf(whose)]);
    const work = looked.work + (looked.found ? workOf(commit.events) : 0);
    budget.work -= work;
    meter.add(work);
    if (looked.found) {
      for (const event of eventsOf(commit).reverse()) {
        const { seq, undoes = [], redoes = [], ops } = event;
        const news = undoes.filter((each) => !undone.has(each));
        for (const each of [...undoes, ...redoes]) if (!undone.has(each)) undone.set(each, !redoes.includes(each));
        const isOwn = isBy(event, whose);
        if (undoes.length + redoes.length > 0) {
          if (redo) found.group(yield* ofTheirs(news.filter((each) => each < before)));
          else if (isOwn) found.end();
        } else if (isOwn && undone.get(seq) !== true && seq < before) {
          if (redo) return found.seqs;
          found.add(seq, ops.length, groupOf(event));
        }
        if (found.isFull) return found.seqs;
      }
    }
    if (budget.work <= 0) return found.seqs.length > 0 ? found.seqs : "tooLarge";
    if (meter.full()) yield;
  }
  return found.seqs;
}

const UNDOES = ['"undoes":[', '"redoes":['];

function nameOf(whose: Doings): string {
  return "client" in whose ? `"client":"${whose.client}"` : `"userId":${JSON.stringify(whose.user)}`;
}

function isBy(author: Author | undefined, whose: Doings): boolean {
  if (!author) return false;
  return "client" in whose ? author.client === whose.client : author.userId === whose.user;
}

/** What is undone and done again as one. */
function groupOf({ client, meta }: TreeEvent): string | null {
  return typeof meta?.group === "string" ? `${client} ${meta.group}` : null;
}

/** Gathers events up to so many groups. */
function createGroups(most: number) {
  let groups = 0;
  let open: string | null = null;
  let operations = 0;
  let isFull = false;
  const seqs: number[] = [];
  return {
    seqs,
    get isFull() {
      return isFull;
    },
    end() {
      open = null;
    },
    group(all: readonly number[]) {
      if (all.length === 0) return;
      isFull = seqs.length + all.length > LIMITS.undoneAtOnce;
      if (isFull) return;
      seqs.push(...all);
      isFull = ++groups >= most;
    },
    add(seq: number, weight: number, group: string | null) {
      const isMore = group === null || group !== open;
      const isTooMuch = operations + weight > LIMITS.operationsPerMutation || seqs.length >= LIMITS.undoneAtOnce;
      isFull = (isMore && groups >= most) || (isTooMuch && seqs.length > 0);
      if (isFull) return;
      if (isMore) groups++;
      open = group;
      operations += weight;
      seqs.push(seq);
      // One that is in no group has no more behind it.
      isFull = group === null && groups >= most;
    },
  };
}
