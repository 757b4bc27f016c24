import type { HistoryFilter, LoggedEvent, TreeEvent } from "../protocol/index.ts";
import type { Inverse } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { createFilter } from "./history-filter.ts";
import { type Commit, eventsOf, workOf } from "./log.ts";
import type { Meter, Slices } from "./slices.ts";

/** How a reader goes through the history. */
export interface Course {
  readonly newestFirst: boolean;
  /** Whether what events changed from is read, too. */
  readonly inverses: boolean;
}

/** Who takes what a filter lets through. */
export interface Taker {
  /** Whether it takes no more. */
  readonly full: boolean;
  /** Takes the next event; its inverses are there if the course has them. */
  take(event: TreeEvent & Partial<Pick<LoggedEvent, "inverse">>): void;
}

/** How far was looked: whether there may be more, and the seq that was looked at last. */
export interface Reached {
  readonly more: boolean;
  readonly next: number;
}

/** What one page may look through, as `workOf` measures it: a filter that matches nothing must not hold up everyone else. */
const MOST_WORK = 2 * 1024 * 1024;
/** So much faster than parsing it is to look for a word in a text, or to pass it over. */
const LOOKED_THROUGH = 4;

/** Goes through the history for as long as somebody takes what is found, and one page may. What is committed or let go of meanwhile is there, or is not. */
export function* lookThrough(
  document: StoredDocument,
  query: HistoryFilter,
  course: Course,
  meter: Meter,
  taker: Taker,
): Slices<Reached> {
  const { log, seq } = document;
  const { after = 0, since = 0, until = Number.POSITIVE_INFINITY } = query;
  const { newestFirst } = course;
  const before = Math.min(query.before ?? seq + 1, beforeTime(document, query));
  let work = 0;
  const spend = (units: number) => {
    work += units;
    meter.add(units);
  };
  const filter = createFilter(document.nodes, query, { ...meter, add: spend });
  let next = newestFirst ? (query.before ?? seq + 1) : after;
  for (const commit of newestFirst ? log.backward(before) : log.after(after, since)) {
    if (work > MOST_WORK) return { more: true, next };
    if (meter.full()) yield;
    if (newestFirst ? commit.last <= after || commit.time < since : commit.first >= before) break;
    const isLooked = filter.mayHave(commit);
    const read = isLooked
      ? readingOf(commit, course)
      : (commit.events.length + commit.inverses.length) / LOOKED_THROUGH;
    spend(read);
    if (!isLooked) {
      if (taker.full) return { more: true, next };
      next = newestFirst ? Math.max(commit.first, after + 1) : Math.min(commit.last, before - 1);
      continue;
    }
    const inverses: readonly (readonly Inverse[])[] = course.inverses ? JSON.parse(`[${commit.inverses}]`) : [];
    const events = eventsOf(commit);
    const places = events.keys();
    for (const place of newestFirst ? [...places].reverse() : places) {
      const event = events[place];
      if (!event || event.seq <= after || event.seq >= before) continue;
      if (newestFirst ? event.time < since : event.time >= until) return { more: false, next };
      if (taker.full) return { more: true, next };
      next = event.seq;
      if (event.time < since || event.time >= until || !(yield* filter.lets(event))) continue;
      taker.take(course.inverses ? { ...event, inverse: (inverses[place] ?? []).map(withoutAsked) } : event);
    }
  }
  return { more: false, next };
}

/** A seq that all events before a time are before. */
function beforeTime({ log, seq }: StoredDocument, { until }: HistoryFilter): number {
  if (until === undefined) return seq + 1;
  const [later] = log.after(0, until);
  return later ? later.last + 1 : seq + 1;
}

/** What it takes to read and parse a commit. */
function readingOf({ events, inverses }: Commit, course: Course): number {
  return workOf(events) + (course.inverses ? workOf(inverses) : inverses.length / LOOKED_THROUGH);
}

/** How an event was made is of concern to nobody else. */
function withoutAsked(inverse: Inverse): Inverse {
  if (inverse.op !== "edit" || !inverse.asked) return inverse;
  const { asked: _, ...rest } = inverse;
  return rest;
}
