import { createLayer, type Inverse, type Layer, type ReadStore, undoing, weighAttrs } from "../tree/index.ts";
import { type Log, workOf } from "./log.ts";
import { createPatched, type Patched } from "./patched.ts";
import { backTo, namedIn, readDelta, type SkipDelta } from "./skip-deltas.ts";
import { boundaryAt, skipsFrom } from "./skips.ts";
import { ANY_NODE, type Meter, type Slices } from "./slices.ts";
import type { SkipTable } from "./tables.ts";

/** What differs from the tree of now is held in memory, of all trees together that somebody reads at once. */
export interface Room {
  /** So many records, with so many characters of attributes. */
  records: number;
  characters: number;
  /** Of what was inserted since, the ids: 100 bytes each, or 200 at most. */
  absent: number;
}

export function createRoom(): Room {
  return { records: 64_000, characters: 8 * 1024 * 1024, absent: 250_000 };
}

/** What going back needs of a document. */
export interface Timeline {
  readonly log: Log;
  readonly skips: SkipTable;
  readonly seq: number;
  readonly historyFrom: number;
  /** Whether the log has everything after a seq. */
  reaches(seq: number): boolean;
}

type Failure = "expired" | "tooLarge";

/** A tree of before, in the making: a layer over what steps back have changed over the tree of now. */
export interface Past {
  readonly layer: Layer;
  readonly patched: Patched;
  readonly room: Room;
  /** Characters of attributes in it, and nodes that were not there yet. */
  characters: number;
  absent: number;
}

export function createPast(view: ReadStore, room: Room = createRoom()): Past {
  const patched = createPatched(view);
  const past: Past = {
    layer: createLayer(patched.view, null, ({ attrs }) => {
      past.characters += weighAttrs(attrs);
    }),
    patched,
    room,
    characters: 0,
    absent: 0,
  };
  return past;
}

/** What it takes of its room. */
function taken({ layer, patched, absent, characters }: Past): Room {
  return { records: layer.count + patched.count - absent, absent, characters: characters + patched.characters };
}

function isTooLarge(past: Past): boolean {
  const { room } = past;
  const { records, absent, characters } = taken(past);
  return records > room.records || absent > room.absent || characters > room.characters;
}

/** Is told what is gone back over, the last first: events by what undoes their effects, before that is done, and steps as a whole. */
export interface GoingBack {
  inverse(inverse: Inverse, later: ReadStore): void;
  step(delta: SkipDelta): void;
}

const NOBODY: GoingBack = { inverse() {}, step() {} };

/**
 * The tree as it was right after an earlier seq, as a layer over `view`, the tree at the seq `from`, now by default. Costs the events
 * since, or the steps back that stand for them. `expired` where the log does not reach back to it, `tooLarge` where too much is different.
 */
export function* treeAt(
  document: Timeline,
  view: ReadStore,
  seq: number,
  meter: Meter,
  from = document.seq,
  room = createRoom(),
  going = NOBODY,
): Slices<ReadStore | Failure> {
  const { skips, log, historyFrom } = document;
  if (seq >= from) return view;
  if (!document.reaches(seq)) return "expired";
  const past = createPast(view, room);
  let here = from;
  // Whatever is committed meanwhile is of no concern.
  while (here > seq) {
    let reached = here;
    for (const { to, body } of skipsFrom(skips, here, seq)) {
      const delta = readDelta(body);
      meter.add(2 * body.length);
      if (historyFrom > 1 && !(yield* isWhole(past, delta, meter))) continue;
      going.step(delta);
      past.absent += skipBack(past, delta, body.length);
      reached = to;
      break;
    }
    if (reached === here) {
      reached = Math.max(seq, boundaryAt(skips, here - 1));
      const failure = yield* goBack(past, log, here, reached, meter, going.inverse);
      if (failure) return failure;
    }
    if (isTooLarge(past)) yield* past.patched.settle(meter);
    if (isTooLarge(past)) return "tooLarge";
    if (meter.full()) yield;
    here = reached;
  }
  const { records, absent, characters } = taken(past);
  room.records -= records;
  room.absent -= absent;
  room.characters -= characters;
  return past.layer;
}

/** Whether all nodes of a step are still there. What was let go of was seen by nobody, but is not to stand beside others. */
function* isWhole({ layer }: Past, delta: SkipDelta, meter: Meter): Slices<boolean> {
  for (const id of namedIn(delta)) {
    if (!layer.get(id) && delta.nodes.get(id) !== null) return false;
    meter.add(ANY_NODE);
    if (meter.full()) yield;
  }
  return true;
}

/** Applies a step back, of so many characters; how many nodes were not there yet. */
function skipBack(past: Past, delta: SkipDelta, length: number): number {
  const { layer, patched } = past;
  // What is in the layer already hides what is below it.
  for (const id of [...layer.changed()]) {
    const before = delta.nodes.get(id);
    if (before === null) layer.delete(id);
    const record = before && layer.get(id);
    if (!record) continue;
    // It is weighed once more when it is put.
    past.characters -= weighAttrs(record.attrs);
    layer.put(backTo(record, before));
  }
  patched.add(delta, length);
  let absent = 0;
  for (const before of delta.nodes.values()) if (!before) absent++;
  layer.size += delta.size;
  // It says only whether there is something removed with children: that is asked for then.
  layer.buried = Math.max(1, layer.buried + delta.buried);
  return absent;
}

/** Undoes the events after `to` up to `from` one by one, and tells `going` of each inverse before it does. */
export function* goBack(
  past: Past,
  log: Log,
  from: number,
  to: number,
  meter: Meter,
  going: GoingBack["inverse"],
): Slices<Failure | null> {
  const { layer } = past;
  const weightOf = ({ id }: Inverse) => weighAttrs(layer.get(id)?.attrs ?? {});
  let next = from;
  for (const commit of log.backward(from + 1)) {
    // Some of it may have expired since the beginning.
    if (commit.last < next || commit.first > next) return "expired";
    // Its events stand in the same row: they are read, too.
    meter.add(workOf(commit.inverses) + commit.events.length);
    const inverses: readonly (readonly Inverse[])[] = JSON.parse(`[${commit.inverses}]`);
    for (; next >= commit.first && next > to; next--) {
      for (const inverse of inverses[next - commit.first] ?? []) {
        going(inverse, layer);
        const isContent = inverse.op === "update" || inverse.op === "edit";
        const before = isContent ? weightOf(inverse) : 0;
        for (const _ of undoing(layer, inverse)) {
          past.absent++;
          if (meter.full()) yield;
        }
        if (isContent) past.characters += weightOf(inverse) - before;
        if (isTooLarge(past)) return "tooLarge";
        // Not only between events: one may have moved 10 000 nodes.
        if (meter.full()) yield;
      }
    }
    if (next === to) return null;
    if (meter.full()) yield;
  }
  return "expired";
}
