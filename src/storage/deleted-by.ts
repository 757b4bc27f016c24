import type { LoggedEvent } from "../protocol/index.ts";
import { keyOf } from "../text/index.ts";
import { type NodeId, textParts } from "../tree/index.ts";

/** Where something stood before a part of an event. */
interface Place {
  readonly attr: string;
  readonly seq: number;
  readonly part: number;
  readonly id: NodeId;
  readonly at: number;
  readonly text: string;
  /** There are more of the same. */
  readonly isFirst?: true;
}

/** To look at a place, in the unit of `Meter`. */
const LOOKED_AT = 8;

/**
 * Where what an undo has brought back had stood before an event deleted it: that is so where the event has deleted just that, or has it in
 * one place only of what it deleted.
 */
export function deletedBy(
  origin: LoggedEvent,
  attr: string,
  text: string,
  count: (work: number) => void,
): Omit<Place, "text"> | undefined {
  const known = deleted.get(origin) ?? deletedPlaces(origin);
  deleted.set(origin, known);
  const same = known.get(keyOf(text, attr));
  if (same) return same;
  const places = [...known.values()];
  count(places.length * LOOKED_AT);
  if (places.length > MOST_PLACES) return undefined;
  const within = places.filter((each) => each.attr === attr && each.text.includes(text));
  const [only] = within;
  const start = only?.text.indexOf(text) ?? -1;
  if (!only || only.isFirst || within.length > 1 || only.text.includes(text, start + 1)) return undefined;
  return { ...only, at: only.at + start };
}

/** With more that an event has deleted it is not looked where a part of it was. */
const MOST_PLACES = 256;

const deleted = new WeakMap<LoggedEvent, ReadonlyMap<string, Place>>();

/** What an event has deleted, by what that was: the first of what it has deleted twice. */
function deletedPlaces({ seq, ops, inverse }: LoggedEvent): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const [part, { back: steps }] of textParts(seq, ops, inverse).entries()) {
    for (const step of steps) {
      if (step.op !== "edit") continue;
      let at = 0;
      for (const change of step.changes) {
        const key = typeof change === "string" ? keyOf(change, step.attr) : "";
        const first = places.get(key);
        if (first) places.set(key, { ...first, isFirst: true });
        else if (typeof change === "string")
          places.set(key, { seq, part, id: step.id, attr: step.attr, at, text: change });
        at += typeof change === "string" ? change.length : Math.max(change, 0);
      }
    }
  }
  return places;
}
