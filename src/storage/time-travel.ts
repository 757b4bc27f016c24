import { createLayer, type Inverse, type ReadStore, undoing, weighAttrs } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { workOf } from "./log.ts";
import type { Meter, Slices } from "./slices.ts";

/** What differs from the tree of now is held in memory: so many records, with so many characters of attributes. */
const MOST_RECORDS = 100_000;
/** Of what was inserted since, the ids: 100 bytes each, or 200 at most. */
const MOST_ABSENT = 250_000;
const MOST_CHARS = 16 * 1024 * 1024;

/**
 * The tree as it was right after an earlier seq, as a layer over `view`, the tree at `document.seq`. Costs the events since.
 * `expired` where the log does not reach back to it, `tooLarge` where too much is different.
 */
export function* treeAt(
  document: StoredDocument,
  view: ReadStore,
  seq: number,
  meter: Meter,
): Slices<ReadStore | "expired" | "tooLarge"> {
  if (seq >= document.seq) return view;
  if (!document.reaches(seq)) return "expired";
  let characters = 0;
  /** How many nodes were not there yet: in the layer, and without a record. */
  let absent = 0;
  const layer = createLayer(view, null, ({ attrs }) => {
    characters += weighAttrs(attrs);
  });
  const weightOf = ({ id }: Inverse) => weighAttrs(layer.get(id)?.attrs ?? {});
  let next = document.seq;
  // Whatever is committed meanwhile is of no concern.
  for (const commit of document.log.backward(next + 1)) {
    // Some of it may have expired since the beginning.
    if (commit.last !== next) return "expired";
    // Its events stand in the same row: they are read, too.
    meter.add(workOf(commit.inverses) + commit.events.length);
    const inverses: readonly (readonly Inverse[])[] = JSON.parse(`[${commit.inverses}]`);
    for (; next >= commit.first && next > seq; next--) {
      for (const inverse of inverses[next - commit.first] ?? []) {
        const isContent = inverse.op === "update" || inverse.op === "edit";
        const before = isContent ? weightOf(inverse) : 0;
        for (const _ of undoing(layer, inverse)) {
          absent++;
          if (meter.full()) yield;
        }
        if (isContent) characters += weightOf(inverse) - before;
        if (layer.count - absent > MOST_RECORDS || absent > MOST_ABSENT || characters > MOST_CHARS) return "tooLarge";
        // Not only between events: one may have moved 10 000 nodes.
        if (meter.full()) yield;
      }
    }
    if (next === seq) return layer;
    if (meter.full()) yield;
  }
  return "expired";
}
