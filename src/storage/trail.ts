import type { Doer, LoggedEvent, Made } from "../protocol/index.ts";
import { back, backOver, inOrder, keyOf, type Piece, type Put, type Step, targetOf } from "../text/index.ts";
import { type NodeId, type NodeRecord, seqIn, type TextPart, textParts } from "../tree/index.ts";
import { deletedBy } from "./deleted-by.ts";
import type { StoredDocument } from "./document.ts";
import { insertedBy } from "./inserted-by.ts";
import { mentions } from "./log.ts";
import type { PastReader } from "./past-reader.ts";
import type { Meter, Slices } from "./slices.ts";
import { type Asleep, type FollowedText, piecesOf, type Rest, restOf } from "./trail-cursor.ts";

// Who has put there what stands in a text, found by going backward: each unit is followed to where it stood before each event, over
// edits, splits and joins, until the event comes that has put it there.
//
// An event tells with what undoes it which one had written the text before, and which had moved the node: so the next one to look at is
// known, and none between is read. Not so of a node of which somebody has undone anything, as that may leave a text as an earlier event's:
// of that every event is looked at that names it.

/** Who has made units of the text that is asked about, from `to` on. */
export interface Found {
  readonly attr: string;
  readonly to: number;
  readonly length: number;
  readonly made: Exclude<Made, null>;
}

export interface Trail {
  /** Goes back until all is found, or the page is over; true if there is more to be found. */
  goBack(): Slices<boolean>;
  readonly found: readonly Found[];
  /** Who has inserted the node; null as long as that is not known. */
  readonly inserted: Made;
  readonly rest: Rest;
}

/** To look at a piece, in the unit of `Meter`. */
const PIECE = 8;

export function createTrail(
  document: StoredDocument,
  node: NodeId,
  from: Rest,
  { reader, meter }: { readonly reader: PastReader; readonly meter: Meter },
): Trail {
  let { at, wanted } = from;
  let inserted: Made = null;
  const found: Found[] = [];
  const placed = new Map(from.nodes);
  const texts = new Map<string, FollowedText>();
  let asleep: Asleep[] = from.asleep.map(([seq, part, id, attr, pieces]) => ({
    ...{ seq, part, id, attr, pieces: piecesOf(pieces) },
  }));
  for (const [id, attr, last, pieces] of from.texts)
    texts.set(keyOf(id, attr), { id, attr, last, pieces: piecesOf(pieces) });

  /** The event that has put a node where it was; null where every event has to be looked at. */
  const placedBy = (id: NodeId): number | null => {
    const known = placed.get(id);
    if (known !== undefined) return known;
    const record = document.nodes.get(id);
    const seq = record && isPlain(record) ? record.placed : null;
    placed.set(id, seq);
    return seq;
  };
  const lastOf = ({ id, last }: FollowedText) => (last === 0 ? placedBy(id) : last);
  const putInto = (id: NodeId, attr: string, pieces: readonly Piece[]) => {
    const key = keyOf(id, attr);
    const text = texts.get(key);
    if (text) text.pieces = pieces;
    else if (pieces.length > 0) texts.set(key, { id, attr, last: placedBy(id) === null ? null : 0, pieces });
  };
  const isDone = () => !wanted && texts.size === 0 && asleep.length === 0;
  /** The latest event that has to do with any of it; 0: none; null: it has to be searched for. */
  const next = (): number | null => {
    const seqs = [...Array.from(texts.values(), lastOf), ...(wanted ? [placedBy(node)] : [])];
    let latest = asleep.reduce((most, { seq }) => Math.max(most, seq), 0);
    for (const seq of seqs) {
      if (seq === null) return null;
      latest = Math.max(latest, seq);
    }
    return latest;
  };
  const find = (attr: string, { to, length }: Piece, made: Exclude<Made, null>) =>
    void found.push({ attr, to, length, made });
  /** What an event has put there: it may have brought back what stood there before. */
  const credit = (put: Put, { effect }: TextPart, { attr }: FollowedText, entry: LoggedEvent) => {
    const { undo, redo } = effect;
    if (redo !== undefined) return find(attr, put, doerOf(reader.at(redo) ?? entry));
    const origin = undo === undefined ? undefined : reader.at(undo);
    const stood = origin && deletedBy(origin, attr, put.text, reader.count);
    if (!stood) return find(attr, put, doerOf(entry));
    const piece = { at: stood.at + put.from, length: put.length, to: put.to };
    asleep.push({ seq: stood.seq, part: stood.part, id: stood.id, attr, pieces: [piece] });
  };
  const overStep = function* (step: Step, part: TextPart, entry: LoggedEvent): Slices<void> {
    if (step.op === "mark") return;
    const text = texts.get(keyOf(step.id, step.attr));
    if (step.op === "edit") {
      if (!text) return;
      const { stood, put } = back(text.pieces, step.changes);
      reader.count((text.pieces.length + step.changes.length) * PIECE);
      text.pieces = stood;
      for (const each of put) {
        credit(each, part, text, entry);
        if (meter.full()) yield;
      }
      return;
    }
    const target = texts.get(keyOf(targetOf(step), step.attr));
    if (!text && !target) return;
    const before = backOver(text?.pieces ?? [], target?.pieces ?? [], step);
    reader.count((before.source.length + before.target.length) * PIECE);
    putInto(step.id, step.attr, before.source);
    putInto(targetOf(step), step.attr, before.target);
  };
  /** What is to be taken up in this event, by its part. */
  const wakingIn = (seq: number): ReadonlyMap<number, readonly Asleep[]> => {
    const parts = new Map<number, Asleep[]>();
    for (const each of asleep) {
      if (each.seq !== seq) continue;
      const others = parts.get(each.part);
      if (others) others.push(each);
      else parts.set(each.part, [each]);
    }
    if (parts.size > 0) asleep = asleep.filter((each) => each.seq !== seq);
    return parts;
  };
  const wake = (waking: readonly Asleep[]) => {
    for (const each of waking) {
      const text = texts.get(keyOf(each.id, each.attr));
      putInto(each.id, each.attr, inOrder([...(text?.pieces ?? []), ...each.pieces]));
    }
  };
  /** Which event came before this one, for the texts and nodes that it has changed. */
  const step = (entry: LoggedEvent): void => {
    const earlier = (seq: number | undefined) => ((seq ?? 0) < entry.seq ? (seq ?? 0) : null);
    // The newest first: what the first of them has found counts.
    for (const each of entry.inverse) {
      const before = each.op === "remove" || each.op === "move" ? each.was?.placed : undefined;
      if (before !== undefined && placed.get(each.id) === entry.seq) placed.set(each.id, before);
      if (each.op !== "edit" && each.op !== "update") continue;
      // What changes nothing has written nothing.
      if (each.op === "edit" && each.changes.length === 0) continue;
      if (each.op === "update" && each.marks) continue;
      const attrs = each.op === "edit" ? [each.attr] : [...Object.keys(each.attrs ?? {}), ...(each.unset ?? [])];
      for (const attr of attrs) {
        const text = texts.get(keyOf(each.id, attr));
        if (text && text.last !== null) text.last = (each.op === "edit" ? each.was : seqIn(each.was, attr)) ?? 0;
      }
    }
    for (const text of texts.values()) if (text.last !== null) text.last = earlier(text.last);
  };
  const over = function* (entry: LoggedEvent): Slices<void> {
    const parts = textParts(entry.seq, entry.ops, entry.inverse);
    const waking = wakingIn(entry.seq);
    for (let index = parts.length - 1; index >= 0; index--) {
      const part = parts[index];
      if (!part) continue;
      for (const each of part.steps.toReversed()) yield* overStep(each, part, entry);
      wake(waking.get(index) ?? []);
      // A mutation may have 10 000 operations.
      if (meter.full()) yield;
    }
    step(entry);
    const fresh = insertedBy(entry);
    for (const [key, { id, attr, pieces }] of texts) {
      if (fresh.has(id)) for (const piece of pieces) find(attr, piece, doerOf(entry));
      if (fresh.has(id) || pieces.length === 0) texts.delete(key);
    }
    if (!wanted || !fresh.has(node)) return;
    inserted = doerOf(entry);
    wanted = false;
  };
  const overAll = function* (entries: readonly LoggedEvent[]): Slices<void> {
    for (const entry of entries.toReversed()) if (entry.seq < at) yield* over(entry);
    at = Math.min(at, entries[0]?.seq ?? at);
    // What a cursor says that nobody has made may never come.
    asleep = asleep.filter(({ seq }) => seq < at);
    if (meter.full()) yield;
  };
  /** Looks at every event that names one of the nodes, until the next one is known. False: there are no more. */
  const search = function* (): Slices<boolean> {
    for (const commit of document.log.backward(at)) {
      if (commit.last < at - 1) return false;
      const ids = new Set([...(wanted ? [node] : []), ...[...texts.values(), ...asleep].map(({ id }) => id)]);
      const looked = mentions(
        commit,
        Array.from(ids, (id) => `"${id}"`),
      );
      reader.count(looked.work);
      if (looked.found) yield* overAll(reader.entries(commit));
      at = Math.min(at, commit.first);
      if (reader.isOver || isDone() || next() !== null) return true;
      if (meter.full()) yield;
    }
    return false;
  };
  /** Looks at the event that is next. False: there is none any more. */
  const jump = function* (seq: number): Slices<boolean> {
    const entries = reader.around(seq);
    if (!entries) return false;
    // What comes later than all that was looked at tells only where the node came from.
    for (const entry of entries.toReversed()) if (entry.seq >= at && entry.seq === seq) step(entry);
    yield* overAll(entries);
    // Where that has not told more, every event has to be looked at.
    for (const [id, last] of placed) if (last === seq) placed.set(id, null);
    for (const text of texts.values()) if (text.last !== null && text.last >= at) text.last = null;
    return true;
  };
  return {
    *goBack() {
      while (!isDone()) {
        if (reader.isOver) return true;
        const seq = next();
        if (yield* seq === null ? search() : jump(seq)) continue;
        const made = { before: document.historyFrom };
        for (const { attr, pieces } of [...texts.values(), ...asleep])
          for (const piece of pieces) find(attr, piece, made);
        texts.clear();
        asleep = [];
        if (wanted) inserted = made;
        wanted = false;
      }
      return false;
    },
    found,
    get inserted() {
      return inserted;
    },
    get rest() {
      return restOf({ at, wanted, placed, texts: [...texts.values()], asleep });
    },
  };
}

export function doerOf({ seq, time, userId, client }: LoggedEvent): Doer {
  return { seq, time, userId, client };
}

/** Whether nobody has undone anything of a node. */
export function isPlain({ past }: Pick<Readonly<NodeRecord>, "past">): boolean {
  return past?.undone === undefined && past?.redone === undefined && past?.forgotten === undefined;
}
