import type { TreeEvent } from "../../src/protocol/index.ts";
import type { NodeId } from "../../src/tree/index.ts";
import type { Picture } from "./picture.ts";
import type { Act } from "./script.ts";

/** Something that was left as it is, as undo told. */
export interface Told {
  readonly id: NodeId;
  readonly why: string;
}

/** An act that somebody tried, and what became of it. */
export interface Deed {
  readonly who: number;
  readonly act: Act;
  /** What its author saw before and after it; the same where it was refused at once. */
  readonly before: Picture;
  readonly after: Picture;
  /** The last event that its author had applied. */
  readonly base: number;
  /** Whether its author was not away. */
  readonly live: boolean;
  /** Whether there was a mutation. */
  readonly made: boolean;
  /** Whether the page has heard what became of it, or is to hear nothing. */
  answered: boolean;
  /** Its event; null: it came to nothing, or nobody can tell. */
  seq: number | null;
  told: readonly Told[];
  /** The tree as the server had it when everything had arrived that could. */
  rested: Picture;
}

/** What has happened in a document up to a moment when nothing was under way. */
export interface Account {
  readonly deeds: readonly Deed[];
  /** By seq, from 1 on. */
  readonly events: readonly TreeEvent[];
  /** The tree after each event, from 0 on. */
  readonly trees: readonly Picture[];
  readonly end: Picture;
}

/** Undo tells by what it returns, by its event, or in the history; an older one by the first alone. */
export function toldBy(source: object): Told[] {
  const list: unknown = "skipped" in source ? source.skipped : [];
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    if (typeof each !== "object" || each === null || !("id" in each) || !("why" in each)) return [];
    return typeof each.id === "string" && typeof each.why === "string" ? [{ id: each.id, why: each.why }] : [];
  });
}

/** The event that a deed became. */
export function eventOf({ events }: Account, { seq }: Deed): TreeEvent | undefined {
  return seq === null ? undefined : events[seq - 1];
}

/** Whose deed an event is: the act, or null for an undo or redo that nobody can tell apart from others. */
export function deedOf({ deeds }: Account, seq: number): Deed | undefined {
  return deeds.find((deed) => deed.seq === seq);
}

export function isUndoing({ act }: Deed): boolean {
  return act.do === "undo" || act.do === "redo";
}
