import { LIMITS, type TreeEvent } from "../protocol/index.ts";
import { type Part, withEdit } from "../text/index.ts";
import type { EditEffect, Effect, NodeId } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { type EventHead, type EventPart, readEvents } from "./event-reader.ts";
import { type Commit, eventsOf, LOOKED_THROUGH, workOf } from "./log.ts";
import type { Meter, Slices } from "./slices.ts";
import { isOfSplit, madeBySplits } from "./split-off.ts";

/** Who has made an event. */
export type Maker = Pick<TreeEvent, "seq" | "time" | "userId" | "client">;

/** What events between two moments have done to a node. */
export interface Named {
  /** The last one that has put it somewhere, or taken it away. */
  placed?: Maker;
  /** The last one that has changed its content. */
  written?: Maker;
  /** It was made by a split in between, and nothing else was done to it. */
  splitOff: boolean;
  /** What has become of each text that was edited; null where that is not known, as it was replaced besides, or too much. */
  texts?: Map<string, readonly Part<Maker>[] | null>;
  /** Attributes that were replaced before anybody has edited them. */
  replaced?: readonly string[];
}

/** The nodes that events between two moments name, in the order in which they do. */
export type Between = ReadonlyMap<NodeId, Readonly<Named>>;

/** Parts that a text is in at most, to know whose each is: each edit of it looks at all of them. */
const MOST_PARTS = 1_000;
/** Parts of all texts together. */
const MOST_IN_ALL = 100_000;
/** What it takes to look at a part, in the unit of a meter. */
const PART = 4;

/** Reads the events after one seq and up to another. `expired` where the log has them no more, `tooLarge` where they name too many nodes. */
export function* namedBetween(
  document: Pick<StoredDocument, "log" | "reaches">,
  after: number,
  to: number,
  meter: Meter,
): Slices<Between | "expired" | "tooLarge"> {
  const all = new Map<NodeId, Named>();
  if (after >= to) return all;
  if (!document.reaches(after)) return "expired";
  let next = after + 1;
  const note = createNotes(all, meter);
  for (const commit of document.log.after(after)) {
    // Some of it may have expired since the beginning.
    if (commit.first > next) return "expired";
    for (const { head, effects } of (yield* inPieces(commit, meter)) ?? wholeOf(commit, meter)) {
      if (head.seq < next) continue;
      if (head.seq > to) return all;
      next = head.seq + 1;
      for (const _ of note(head, effects)) if (meter.full()) yield;
      if (all.size > LIMITS.nodesCompared) return "tooLarge";
    }
    if (next > to) return all;
    if (meter.full()) yield;
  }
  return "expired";
}

/** An event that is read; whoever goes on to the next has gone through its effects, or does not want them. */
interface Reading {
  readonly head: EventHead;
  readonly effects: Iterable<Effect>;
}

function* wholeOf(commit: Commit, meter: Meter): Generator<Reading> {
  meter.add(workOf(commit.events));
  for (const event of eventsOf(commit)) yield { head: event, effects: event.ops };
}

/** What stands in the text of an event that splits a row: of such a one all effects have to be known. */
const SPLITS = '"split":{';

/** The events of a large commit, an effect at a time; null where it is none, or splits rows. */
function* inPieces({ pieces }: Commit, meter: Meter): Slices<Iterable<Reading> | null> {
  if (!pieces) return null;
  let before = "";
  for (const piece of pieces()) {
    if (`${before}${piece}`.includes(SPLITS)) return null;
    before = piece.slice(-SPLITS.length);
    meter.add(piece.length / LOOKED_THROUGH);
    if (meter.full()) yield;
  }
  return readingsOf(readEvents(pieces()), meter);
}

function* readingsOf(parts: Generator<EventPart>, meter: Meter): Generator<Reading> {
  const effects = function* () {
    for (let part = parts.next(); !part.done && part.value.is === "effect"; part = parts.next()) {
      meter.add(part.value.characters);
      yield part.value.effect;
    }
  };
  for (let part = parts.next(); !part.done; part = parts.next()) {
    if (part.value.is === "begin") yield { head: part.value.head, effects: effects() };
  }
}

/** Notes what an event has done; yields after each effect. */
function createNotes(
  all: Map<NodeId, Named>,
  meter: Meter,
): (head: EventHead, effects: Iterable<Effect>) => Generator<void> {
  let parts = 0;
  const of = (id: NodeId, splitOff: boolean): Named => {
    const known = all.get(id) ?? { splitOff };
    known.splitOff &&= splitOff;
    all.set(id, known);
    return known;
  };
  const edit = (named: Named, { attr, changes }: EditEffect, by: Maker) => {
    named.texts ??= new Map();
    const known = named.texts.get(attr) ?? (named.texts.has(attr) || named.replaced?.includes(attr) ? null : []);
    const next = known && withEdit(known, changes, by, joined);
    meter.add(PART * (next?.length ?? 0));
    parts += (next?.length ?? 0) - (known?.length ?? 0);
    const isTooMuch = next && (next.length > MOST_PARTS || parts > MOST_IN_ALL);
    if (isTooMuch) parts -= next.length;
    named.texts.set(attr, isTooMuch ? null : next);
  };
  const replace = (named: Named, attrs: readonly string[]) => {
    for (const attr of attrs) if (named.texts?.has(attr)) named.texts.set(attr, null);
    named.replaced = named.replaced ? [...new Set([...named.replaced, ...attrs])] : attrs;
  };
  return function* note({ seq, time, userId, client }, effects) {
    const by: Maker = { seq, time, userId, client };
    const made = madeBySplits(Array.isArray(effects) ? effects : []);
    for (const effect of effects) {
      yield;
      const id = effect.op === "insert" ? effect.node.id : effect.id;
      if (effect.op === "edit") {
        const named = of(id, isOfSplit(effect));
        edit(named, effect, by);
        named.written = by;
      } else if (effect.op === "update") {
        const named = of(id, isOfSplit(effect));
        const { attrs = {}, unset = [], type } = effect;
        replace(named, [...Object.keys(attrs), ...unset]);
        // Else it notes only what is undone.
        if (effect.attrs || effect.unset || type !== undefined) named.written = by;
      } else of(id, effect.op === "insert" && made.has(id)).placed = by;
    }
  };
}

/** Of one who goes on the last event counts. */
function joined(one: Maker, other: Maker): Maker | null {
  if (one.userId !== other.userId || one.client !== other.client) return null;
  return one.seq > other.seq ? one : other;
}
