import type { ClientRecord } from "../storage.ts";

/** Counters that a client has sent again and that wait for their first answer, as ranges `[from, to]` in their order. */
export type Owed = readonly (readonly [from: number, to: number])[];

/** A frame may ask for so many; and an attachment has to hold what could not be answered at once. */
export const MOST_OWED = 256;

/** Adds a counter that is asked for again. */
export function owe(owed: Owed, counter: number): Owed {
  const last = owed.at(-1);
  if (last && counter >= last[0] && counter <= last[1]) return owed;
  if (last && counter === last[1] + 1) return [...owed.slice(0, -1), [last[0], counter]];
  return [...owed, [counter, counter]];
}

/**
 * Adds the counters above `told` that were answered, in their order: by events, or by answers that are kept. Not all counters
 * above it: they have gaps, and a client that was closed goes on a thousand million further. What finds no room it asks for.
 */
export function oweSince(owed: Owed, record: Readonly<ClientRecord> | undefined, told: number): Owed {
  const since: [from: number, to: number][] = [];
  for (const [counter, , length] of record?.accepted.runs ?? []) {
    if (counter + length > told + 1) since.push([Math.max(counter, told + 1), counter + length - 1]);
  }
  for (const { mutation } of record?.answers ?? []) if (mutation > told) since.push([mutation, mutation]);
  const room = Math.max(0, MOST_OWED - owed.length);
  return [...owed, ...since.sort(([one], [other]) => one - other).slice(Math.max(0, since.length - room))];
}

/** The first counters owed, at most so many. */
export function firstOwed(owed: Owed, most: number): number[] {
  const counters: number[] = [];
  for (const [from, to] of owed) {
    for (let counter = from; counter <= to; counter++) {
      if (counters.length === most) return counters;
      counters.push(counter);
    }
  }
  return counters;
}

/** What is owed after the first counter. */
export function withoutFirst([first, ...others]: Owed): Owed {
  if (!first) return [];
  const [from, to] = first;
  return from < to ? [[from + 1, to], ...others] : others;
}
