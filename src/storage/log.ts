import type { LoggedEvent, TreeEvent } from "../protocol/index.ts";
import type { Inverse } from "../tree/index.ts";
import type { Typed } from "./typing.ts";

/** A row of the log: the events committed together, as text. Typing of several commits is one where it follows each other. */
export interface Commit {
  readonly first: number;
  readonly last: number;
  /** Of its last event. */
  readonly time: number;
  /** The events as they are sent, joined by commas. */
  readonly events: string;
  /** For each event the list of its inverses, joined by commas. */
  readonly inverses: string;
  /** Of a large one, whose texts are read when they are asked for: the text of its events in pieces, and what it takes. */
  readonly pieces?: (() => Iterable<string>) | undefined;
  readonly size?: number | undefined;
  /** How many commits it is; default 1. */
  readonly commits?: number | undefined;
  /** Whether it is stored in short: then to write it out takes longer than to read it. */
  readonly isTyping?: boolean;
  /** What is stored in short: whatever its events name stands in it, too. */
  readonly stored?: string;
}

/** A commit that may go into the row of the one before, if all of that and this is typing, and that row begins behind `after`. */
export interface Joining extends Typed {
  readonly after: number;
}

/** It may be appended to and dropped from while it is read: what has gone is not there any more. */
export interface Log {
  append(commit: Commit, joining?: Joining): void;
  /** The commit that has the event `seq`. */
  at(seq: number): Commit | undefined;
  /** The commits that hold events after `seq`, none older than a time, oldest first; the first may begin with older ones. */
  after(seq: number, since?: number): Generator<Commit>;
  /** The commits that begin before a seq, or all, newest first. */
  backward(before?: number): Generator<Commit>;
  /** What each commit takes, in bytes, from the oldest that begins after a seq; read as it is asked for. */
  sizes(after: number): Generator<{ readonly first: number; readonly last: number; readonly bytes: number }>;
  /** The first seq that is still kept, or null when the log is empty. */
  oldest(): number | null;
  /** Drops the commits up to the one that begins with the seq `first`. */
  drop(first: number): void;
}

/** Characters that a commit takes. */
export function sizeOf(commit: Commit): number {
  return commit.size ?? commit.events.length + commit.inverses.length;
}

/**
 * What it costs to read and parse a text of the log, in characters: 1 Mi take about 8 ms. To read many small ones takes longer
 * than one large one.
 */
export function workOf(text: string): number {
  return text.length + 512;
}

/** So much faster than parsing it is to look for a word in a text. */
export const LOOKED_THROUGH = 4;
/** Typing that is stored in short is written out first: so much longer does it take than what is stored as it is. */
const WRITTEN_OUT = 3;

/** Whether a commit has one of these texts in its events, and what it took to read it and to look. What is in short is not written out. */
export function mentions(commit: Commit, texts: readonly string[]): { readonly found: boolean; readonly work: number } {
  const text = commit.stored ?? commit.events;
  const size = (commit.stored ? 0 : commit.inverses.length) + texts.length * text.length;
  return { found: texts.some((each) => text.includes(each)), work: (size + 512) / LOOKED_THROUGH };
}

/** What it costs to parse a commit with its inverses. */
export function parsingOf(commit: Commit): number {
  const read = workOf(commit.events) + workOf(commit.inverses);
  return commit.isTyping ? WRITTEN_OUT * read : read;
}

/** The events of a commit. */
export function eventsOf(commit: Commit): TreeEvent[] {
  const events: TreeEvent[] = JSON.parse(`[${commit.events}]`);
  return events;
}

/** The events of a commit with what undoes them. */
export function entriesOf(commit: Commit): LoggedEvent[] {
  const inverses: Inverse[][] = JSON.parse(`[${commit.inverses}]`);
  return eventsOf(commit).map((event, index) => ({ ...event, inverse: inverses[index] ?? [] }));
}
