import {
  type HistoryEntry,
  type HistoryPage,
  type HistoryQuery,
  type HistorySession,
  LIMITS,
  type SessionsQuery,
  type Touched,
  type TreeEvent,
} from "../protocol/index.ts";
import { createMeter, lookThrough, type Meter, type Slices, type StoredDocument } from "../storage.ts";
import type { Effect, NodeId } from "../tree/index.ts";
import { createDeeds } from "./deeds.ts";

const DEFAULT_LIMIT = 100;

/** A page of events. */
export function* historyPage(document: StoredDocument, query: HistoryQuery): Slices<HistoryPage> {
  const { limit = DEFAULT_LIMIT, order, inverse = false, summary = false } = query;
  const meter = createMeter();
  const entries: HistoryEntry[] = [];
  const course = { newestFirst: order === "newest", inverses: inverse };
  const { more, next } = yield* lookThrough(document, query, course, meter, {
    get full() {
      return entries.length >= limit;
    },
    take: (event) => void entries.push({ ...event, ...tellOf(document, [event], summary, meter) }),
  });
  return { entries, more, next };
}

/** What is being folded. */
interface Fold {
  readonly events: TreeEvent[];
  readonly person: string;
}

/** A page of sessions. One that is not over at the end of the page is told in the next, unless it is the only one. */
export function* sessionsPage(document: StoredDocument, query: SessionsQuery): Slices<HistoryPage<HistorySession>> {
  const { limit = DEFAULT_LIMIT, order, summary = false } = query;
  const meter = createMeter();
  const newestFirst = order === "newest";
  const folds: Fold[] = [];
  const reached = yield* lookThrough(document, query, { newestFirst, inverses: false }, meter, {
    get full() {
      return folds.length > limit;
    },
    take(event) {
      const fold = folds.at(-1);
      if (fold && goesOn(fold, event)) fold.events.push(event);
      else folds.push({ events: [event], person: personOf(event) });
    },
  });
  let { next } = reached;
  const isOpen = reached.more && folds.length > 0;
  if (isOpen && folds.length > 1) {
    folds.pop();
    next = folds.at(-1)?.events.at(-1)?.seq ?? next;
  }
  const part = isOpen && folds.length === 1 && next === reached.next;
  const entries: HistorySession[] = [];
  for (const { events } of folds) {
    if (newestFirst) events.reverse();
    const told = { ...spanOf(events), ...tellOf(document, events, summary, meter) };
    entries.push(part ? { ...told, part: true } : told);
    if (meter.full()) yield;
  }
  return { entries, more: reached.more, next };
}

/** A user is a person, and so is a client of nobody. */
function personOf({ userId, client }: TreeEvent): string {
  return JSON.stringify([userId, userId === null ? client : null]);
}

function goesOn({ events, person }: Fold, event: TreeEvent): boolean {
  const pause = Math.abs(event.time - (events.at(-1)?.time ?? 0));
  return person === personOf(event) && pause <= LIMITS.sessionPause;
}

function spanOf(events: readonly TreeEvent[]): Omit<HistorySession, keyof Touched | "part"> {
  const [first, last] = [events.at(0), events.at(-1)];
  if (!first || !last) throw new Error("a session has an event");
  const client = events.every((event) => event.client === first.client) ? first.client : null;
  return {
    ...{ first: first.seq, last: last.seq, begun: first.time, ended: last.time },
    ...{ userId: first.userId, client, events: events.length },
  };
}

/** What an entry tells of the nodes that its events have touched. */
function tellOf(document: StoredDocument, events: readonly TreeEvent[], summary: boolean, meter: Meter): Touched {
  const touched = new Set<NodeId>();
  const most = LIMITS.touchedPerEntry;
  for (const { ops } of events) {
    for (const effect of ops) {
      touched.add(nodeOf(effect));
      if (touched.size > most) break;
    }
    if (touched.size > most) break;
  }
  const told: Touched = { touched: [...touched].slice(0, most), ...(touched.size > most && { touchedMore: true }) };
  if (!summary) return told;
  const deeds = createDeeds(document.nodes, meter);
  for (const event of events) deeds.add(event);
  return { ...told, summary: deeds.text() };
}

function nodeOf(effect: Effect): NodeId {
  return effect.op === "insert" ? effect.node.id : effect.id;
}
