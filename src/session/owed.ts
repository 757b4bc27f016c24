import { deltaFrame } from "../protocol/index.ts";
import { type Rejection, readAnswers, type StoredDocument } from "../storage.ts";
import { answerFrame } from "./answers.ts";

/** Counters that a client has sent again and that wait for their first answer, as ranges `[from, to]` in their order. */
export type Owed = readonly (readonly [from: number, to: number])[];

/** An attachment has to hold what could not be answered at once. */
export const MOST_OWED = 100;
/** Answers looked up at once. */
const BATCH = 64;

/** Adds a counter that is asked for again. */
export function owe(owed: Owed, counter: number): Owed {
  const last = owed.at(-1);
  if (last && counter >= last[0] && counter <= last[1]) return owed;
  if (last && counter === last[1] + 1) return [...owed.slice(0, -1), [last[0], counter]];
  return [...owed, [counter, counter]];
}

/** Adds a range of counters. */
export function oweAll(owed: Owed, from: number, to: number): Owed {
  return from > to ? owed : [...owed, [from, to]];
}

/** The first counters owed, and what is owed after them. */
export function takeOwed(owed: Owed): { counters: number[]; rest: Owed } {
  const [first, ...others] = owed;
  if (!first) return { counters: [], rest: [] };
  const [from, to] = first;
  const end = Math.min(to, from + BATCH - 1);
  const counters = Array.from({ length: end - from + 1 }, (_, index) => from + index);
  return { counters, rest: end < to ? [[end + 1, to], ...others] : others };
}

/** The frames that answer counters as they were answered first: with the event, with what was no event, or `expired`. */
export function* answerFrames(
  document: StoredDocument,
  client: string,
  counters: readonly number[],
): Generator<string> {
  const kept = new Map(document.clients.get(client)?.answers.map((each) => [each.mutation, each]));
  const accepted = counters.filter((counter) => !kept.has(counter));
  const answers = accepted.length > 0 ? readAnswers(document, client, new Set(accepted)) : new Map<number, string>();
  for (const counter of counters) {
    const text = answers.get(counter);
    if (text !== undefined) yield deltaFrame([text]);
    else yield answerFrame(kept.get(counter) ?? expired(counter));
  }
}

function expired(mutation: number): Rejection {
  return { mutation, code: "expired", message: "answered before, and the answer is no longer kept" };
}
