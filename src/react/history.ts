"use client";

import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { TreeDocument } from "../client/index.ts";
import {
  type BinEntry,
  type BinQuery,
  type History,
  type HistoryEntry,
  type HistoryQuery,
  type HistorySession,
  historyOf,
  type MomentInput,
  type PastDocument,
  type ProblemError,
  type SessionsQuery,
  type Version,
  type VersionsInput,
} from "../history/index.ts";
import { createAsking, type Latest } from "./latest.ts";
import { createListing, type Listed, type Read } from "./listing.ts";
import { useDocument } from "./provider.tsx";

/** Milliseconds between two looks at the history for what has come, and between two questions that change all the time. */
const LOOKS = 2_000;
const QUESTIONS = 150;

/** A list of the history as it is known here. The functions are the same as long as the document and the query are. */
export interface ListHere<Entry> extends Listed<Entry> {
  /** Reads the next page; nothing while one is under way, or where there is none. */
  readonly loadMore: () => void;
  /** Reads it anew, as after something that is no event: naming a version. */
  readonly refresh: () => void;
}

/** What has happened, the newest first. Looks again when events come, at most every two seconds. */
export function useHistory(query: Omit<HistoryQuery, "order" | "before"> = {}): ListHere<HistoryEntry> {
  return useList(EVENTS, query);
}

/** The same by sessions. */
export function useSessions(query: Omit<SessionsQuery, "order" | "before"> = {}): ListHere<HistorySession> {
  return useList(SESSIONS, query);
}

/** What was removed, the last first. */
export function useBin(query: Omit<BinQuery, "after"> = {}): ListHere<BinEntry> {
  return useList(BIN, query);
}

/** The versions, the newest first. */
export function useVersions(query: Pick<VersionsInput, "limit"> = {}): ListHere<Version> {
  return useList(VERSIONS, query);
}

export interface PastHere {
  /** Null before it has come; of the moment before, while another one is on its way. */
  readonly past: PastDocument | null;
  readonly isLoading: boolean;
  readonly error: ProblemError | null;
}

/** The document as it was at a moment; null: none. Asked for as `useAsked` does. */
export function useDocumentAt(moment: MomentInput | null): PastHere {
  const key = moment === null ? null : String(moment);
  const { value, isLoading, error } = useAsked(key, (history, signal) => history.at(moment ?? 0, { signal }));
  return { past: value, isLoading, error };
}

/**
 * What is asked of the history, anew with each key; null: nothing. However often that changes, one request is under way, and a new one is made
 * every 150 ms at most, when the one before is answered, or has taken 2 s; what has failed is asked again when the connection is back. `value` goes along, and `isLoading` says whether it is the last one yet.
 */
export function useAsked<Value>(
  key: string | null,
  ask: (history: History, signal: AbortSignal) => Promise<Value>,
): Latest<Value> {
  const doc = useDocument();
  const [history, asking] = useMemo(() => [historyOf(doc), createAsking<Value>(QUESTIONS)] as const, [doc]);
  const read = () => asking.latest;
  const latest = useSyncExternalStore(asking.subscribe, read, read);
  // In each render: it is the key that tells whether it is another question.
  useEffect(() => asking.want(key === null ? null : { key, ask: (signal) => ask(history, signal) }));
  useEffect(() => onLive(doc, asking.again), [doc, asking]);
  return latest;
}

/** Calls back when the connection is there again: what could not be asked without it may be asked now. */
function onLive(doc: TreeDocument, live: () => void): () => void {
  return doc.on("status", ({ state }) => state === "live" && live());
}

/** The document as it was at a version, by its name or id. */
export function useVersion(nameOrId: string | null): PastHere {
  return useDocumentAt(nameOrId === null ? null : `version:${nameOrId}`);
}

interface Page<Entry, Cursor> {
  readonly entries: readonly Entry[];
  readonly more: boolean;
  readonly next: Cursor;
}

/** How a list is read, a page after the other. */
interface Kind<Query, Entry, Cursor> {
  read(history: History, query: Query, cursor: Cursor | undefined, signal: AbortSignal): Promise<Page<Entry, Cursor>>;
  /** What of those that are known stands behind a page of now; null where it does not reach down to them. */
  behind(page: Page<Entry, Cursor>, known: readonly Entry[]): readonly Entry[] | null;
}

const EVENTS: Kind<HistoryQuery, HistoryEntry, number> = {
  read: (history, query, before, signal) => history.events({ ...query, order: "newest", before }, { signal }).page(),
  behind: below(({ seq }) => seq),
};

const SESSIONS: Kind<SessionsQuery, HistorySession, number> = {
  read: (history, query, before, signal) => history.sessions({ ...query, order: "newest", before }, { signal }).page(),
  behind: below(({ last }) => last),
};

const BIN: Kind<BinQuery, BinEntry, string | null> = {
  read: (history, query, after, signal) => history.bin({ ...query, after: after ?? undefined }, { signal }).page(),
  behind: () => null,
};

const VERSIONS: Kind<VersionsInput, Version, string | null> = {
  read: (history, query, after, signal) =>
    history.versions.list({ ...query, order: "newest", after: after ?? undefined }, { signal }).page(),
  behind: () => null,
};

/** Of what has seqs a page has all from `next` on: what was read before stays below, if it reaches that far. */
function below<Entry>(seqOf: (entry: Entry) => number): Kind<never, Entry, number>["behind"] {
  return ({ next }, known) => {
    const [newest] = known;
    const reaches = newest !== undefined && next <= seqOf(newest) + 1;
    return reaches ? known.filter((entry) => seqOf(entry) < next) : null;
  };
}

function useList<Query extends object, Entry, Cursor>(kind: Kind<Query, Entry, Cursor>, query: Query): ListHere<Entry> {
  const doc = useDocument();
  // Whoever writes the query into the call makes another object each time.
  const key = JSON.stringify(query);
  const list = useMemo(() => {
    const history = historyOf(doc);
    const asked: Query = JSON.parse(key);
    const from = async (cursor: Cursor | undefined, signal: AbortSignal): Promise<Read<Entry>> => {
      const page = await kind.read(history, asked, cursor, signal);
      const { entries, more, next } = page;
      return { entries, more, next: (other) => from(next, other), behind: (known) => kind.behind(page, known) };
    };
    return createListing({
      first: (signal) => from(undefined, signal),
      follow(changed) {
        const ends = [doc.on("event", changed), onLive(doc, changed)];
        return () => {
          for (const end of ends) end();
        };
      },
      every: LOOKS,
    });
  }, [doc, kind, key]);
  const read = () => list.listed;
  const listed = useSyncExternalStore(list.subscribe, read, read);
  return { ...listed, loadMore: list.loadMore, refresh: list.refresh };
}
