import type { Space } from "../protocol/index.ts";
import type { NodeRows } from "./nodes.ts";
import { composeDeltas, createEditTrail, deltaBetween, deltaText } from "./skip-deltas.ts";
import { boundaryAt, gapBelow, LEVELS, partsOf, putSkip, spanOf } from "./skips.ts";
import { createMeter, type Meter, type Slices } from "./slices.ts";
import { createPast, goBack, type Timeline, treeAt } from "./time-travel.ts";

/** So many steps a checkpoint makes at most: what has come since the last one, and some of what an old document lacks. */
const MOST_MADE = 32;

/** All of them together may change so many records and characters: the rest is made by the next checkpoint. */
const MOST_RECORDS = 64_000;
const MOST_CHARS = 8 * 1024 * 1024;

/** What steps are made of. */
interface Source extends Timeline {
  readonly nodes: NodeRows;
  readonly space: Space;
}

/** How far back steps can be made: what was found out is asked no more while the document is open. */
export interface Reach {
  back: number;
}

/** Makes the steps back that a history lacks, the newest first, in slices. Others may commit meanwhile. */
export function* makeSkips(document: Source, reach: Reach): Slices<void> {
  // What has come since stands in front of what an old document lacks.
  for (let left = MOST_MADE, made = left; left > 0 && made > 0; left -= made)
    made = yield* makeRow(document, reach, left);
}

/** Makes some that follow each other; how many they are, 0 where no more can be made now. */
function* makeRow(document: Source, reach: Reach, most: number): Slices<number> {
  const { skips, historyFrom, nodes, seq, log } = document;
  const { step } = skips.shape;
  const oldest = Math.max(historyFrom - 1, reach.back);
  let last = gapBelow(skips, boundaryAt(skips, seq), oldest);
  if (last === null || document.space !== "enough") return 0;
  const meter = createMeter();
  const frozen = nodes.freeze();
  try {
    let view = yield* whileFresh(frozen, treeAt(document, frozen.view, last, meter));
    let [records, characters] = [0, 0];
    let made = 0;
    while (made < most && last - step >= oldest && !skips.has(0, last)) {
      if (view === undefined || view === "expired" || records > MOST_RECORDS || characters > MOST_CHARS) return 0;
      if (view === "tooLarge") {
        reach.back = last;
        return 0;
      }
      const [trail, past] = [createEditTrail(), createPast(view)];
      const back = goBack(past, log, last, last - step, meter, (inverse) => trail.note(inverse));
      const failure = yield* whileFresh(frozen, back);
      if (failure === undefined || failure === "expired") return 0;
      const { layer } = past;
      const difference = failure ? null : deltaBetween(view, layer, [...layer.changed()], trail, meter);
      const delta = difference && (yield* whileFresh(frozen, difference));
      // Meanwhile it may have been let go of.
      if (delta === undefined || !document.reaches(last - step)) return 0;
      putSkip(skips, 0, last, delta && deltaText(delta));
      yield* putLarger(document, last, meter);
      if (frozen.overtaken) return 0;
      view = failure ?? past.layer;
      records += past.layer.count;
      characters += past.characters;
      last -= step;
      made++;
    }
    return made;
  } finally {
    frozen.release();
  }
}

/** Goes on with work on a frozen tree for as long as what is read of it is worth something; then undefined. */
function* whileFresh<T>(frozen: { readonly overtaken: boolean }, work: Slices<T>): Slices<T | undefined> {
  for (;;) {
    const step = work.next(0);
    if (step.done) return step.value;
    yield;
    if (frozen.overtaken) return undefined;
  }
}

/** Makes the larger steps that this one was the last lacking part of. */
function* putLarger(document: Timeline, part: number, meter: Meter): Slices<void> {
  const { skips } = document;
  for (let level = 1; level < LEVELS; level++) {
    const span = spanOf(skips, level);
    const last = Math.ceil(part / span) * span;
    const parts = partsOf(skips, level, last);
    if (parts === undefined) return;
    const whole = parts && (yield* composeDeltas(parts, meter));
    yield;
    if (!document.reaches(last - span)) return;
    putSkip(skips, level, last, whole && deltaText(whole));
    yield;
  }
}
