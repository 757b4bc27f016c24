import { eventsProblem } from "../protocol/index.ts";
import { type EventHead, readEvents } from "./event-reader.ts";
import type { Commit, Log } from "./log.ts";
import { createMeter, type Slices } from "./slices.ts";
import { LARGE } from "./sqlite-log.ts";

/** Pieces that an effect, or what stands before the effects, may be in: a text of 1 MB has 6 million characters where each is escaped. */
const MOST_PIECES = 16;
const MOST_CHARACTERS = MOST_PIECES * LARGE;

/** What is wrong with the events of commits of several rows, or null; an effect at a time, as all of one may be more than memory holds. */
export function* checkLarge(log: Log, firsts: readonly number[]): Slices<string | null> {
  const meter = createMeter();
  for (const first of firsts) {
    const commit = log.at(first);
    const parts = commit ? problemsOf(commit) : [];
    try {
      for (const { problem, characters } of parts) {
        if (problem) return `events from ${first} on: ${problem}`;
        meter.add(characters);
        if (meter.full()) yield;
      }
    } catch (error) {
      return `events from ${first} on: ${notOfALog(error)}`;
    }
  }
  return null;
}

/** What is wrong with each part of what the events of a commit say. */
function* problemsOf(commit: Commit) {
  const { first, last } = commit;
  const pieces = commit.pieces ?? (() => [commit.events]);
  let silent = 0;
  const counted = function* () {
    for (const piece of pieces()) {
      if (++silent > MOST_PIECES) throw new Error("an effect is too large");
      yield piece;
    }
  };
  let head: EventHead | null = null;
  let next = first;
  for (const part of readEvents(counted())) {
    silent = 0;
    if (part.characters > MOST_CHARACTERS) throw new Error("an effect is too large");
    if (part.is === "begin") ({ head } = part);
    const effects = part.is === "effect" ? [part.effect] : [];
    const problem =
      part.is === "end" && !head
        ? "has no effects"
        : eventsProblem([{ ...head, ops: effects }], [[]], { first: next, last: next });
    yield { problem, characters: part.characters };
    if (part.is !== "end") continue;
    next++;
    head = null;
  }
  if (next !== last + 1) yield { problem: "seqs do not follow each other", characters: 0 };
}

/** What is wrong with the text of events: whatever is thrown at what nobody has written who is to be trusted. */
export function notOfALog(error: unknown): string {
  return `their text is none of a log (${error instanceof Error ? error.name : "not read"})`;
}
