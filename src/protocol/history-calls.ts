import * as v from "valibot";
import type { Inverse, NodeId } from "../tree/index.ts";
import { readQuery } from "./calls.ts";
import { count, id, parse, plainObject, strictFields, whole } from "./decode.ts";
import type { Result } from "./errors.ts";
import { isPlainObject } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type { TreeEvent } from "./messages.ts";

// What is asked of the history, and what it answers.

/** Which events are meant. */
export interface HistoryFilter {
  /** Only events after, and before, these seqs. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** Only events at or after, and before, these times. Unix milliseconds. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Only events with an operation on this node, or that put something under it. */
  readonly node?: NodeId | undefined;
  /** The same of what stands below that node as the tree is now; what is removed stands where it stood. */
  readonly subtree?: boolean | undefined;
  readonly where?: HistoryAuthor | undefined;
}

export interface HistoryAuthor {
  readonly userId?: string | undefined;
  readonly client?: string | undefined;
  /** Only events whose `meta` has all of these, compared as text. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** A page of sessions. */
export interface SessionsQuery extends HistoryFilter {
  /** Default 100. */
  readonly limit?: number | undefined;
  /** Default: the oldest first. */
  readonly order?: HistoryOrder | undefined;
  /** Say in words what has happened. */
  readonly summary?: boolean | undefined;
}

/** A page of events. */
export interface HistoryQuery extends SessionsQuery {
  /** With what the events changed from. */
  readonly inverse?: boolean | undefined;
}

export type HistoryOrder = "oldest" | "newest";

/** What an entry tells of the nodes that its events have touched. */
export interface Touched {
  /** The ids of nodes that were inserted, moved, changed or removed, in their order; 100 at most. */
  readonly touched: readonly NodeId[];
  /** There are more of them. */
  readonly touchedMore?: true | undefined;
  /** In words, where that was asked for. */
  readonly summary?: string | undefined;
}

/** An event of the history. */
export interface HistoryEntry extends TreeEvent, Touched {
  /** What undoes its effects, where that was asked for. */
  readonly inverse?: readonly Inverse[] | undefined;
}

/** What somebody has done without a long pause and without anybody else in between. */
export interface HistorySession extends Touched {
  /** The seqs of its first and its last event. */
  readonly first: number;
  readonly last: number;
  /** When these were. Unix milliseconds. */
  readonly begun: number;
  readonly ended: number;
  readonly userId: string | null;
  /** Null where there are several, or none. */
  readonly client: string | null;
  /** How many events it has. */
  readonly events: number;
  /** It is more than a page: the rest of it is the first of the next one. */
  readonly part?: true | undefined;
}

export interface HistoryPage<Entry = HistoryEntry> {
  readonly entries: readonly Entry[];
  /** Whether there may be more: what to pass then as `after`, or, with the newest first, as `before`, is `next`. */
  readonly more: boolean;
  readonly next: number;
}

/** Not v.record: that passes over keys like `constructor`. */
const texts = v.custom<Record<string, string>>(
  (value) => isPlainObject(value) && Object.values(value).every((each) => typeof each === "string"),
  "must be an object of texts",
);
const yes = v.optional(v.boolean("must be true or false"));
const page = {
  after: v.optional(count),
  before: v.optional(count),
  since: v.optional(count),
  until: v.optional(count),
  limit: v.optional(whole(1, LIMITS.historyPage)),
  order: v.optional(v.picklist(["oldest", "newest"], "must be oldest or newest")),
  node: v.optional(id),
  subtree: yes,
  summary: yes,
  where: v.optional(
    v.pipe(
      plainObject,
      v.strictObject({
        userId: v.optional(v.string()),
        client: v.optional(id),
        meta: v.optional(texts),
      }),
    ),
  ),
};
const events = strictFields({ ...page, inverse: yes });
const sessions = strictFields(page);
const by = v.pipe(plainObject, v.looseObject({ by: v.optional(v.literal("session", "must be session")) }));

export function decodeHistoryQuery(input: unknown): Result<HistoryQuery> {
  return parse(events, input, "invalid", "", "the query");
}

export function decodeSessionsQuery(input: unknown): Result<SessionsQuery> {
  return parse(sessions, input, "invalid", "", "the query");
}

/** The parameters of a query string as what is decoded. */
export function readHistoryQuery(parameters: Iterable<readonly [string, string]>): unknown {
  return readQuery(parameters, ["after", "before", "since", "until", "limit"], ["subtree", "summary", "inverse"]);
}

/** What HTTP asks for: with `by=session` sessions, else events. */
export type HistoryRequest =
  | ({ readonly by: "session" } & SessionsQuery)
  | ({ readonly by?: undefined } & HistoryQuery);

export function decodeHistoryRequest(input: unknown): Result<HistoryRequest> {
  const kind = parse(by, input, "invalid", "", "the query");
  if (!kind.ok) return kind;
  const { by: asked, ...query } = kind.value;
  if (asked === undefined) return decodeHistoryQuery(query);
  const decoded = decodeSessionsQuery(query);
  return decoded.ok ? { ok: true, value: { ...decoded.value, by: asked } } : decoded;
}
