import { type BinEntry, type BinPage, type BinQuery, LIMITS, type TreeEvent } from "../protocol/index.ts";
import { type Attrs, isAlive, type NodeRecord, type ReadStore, weighAttrs } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { eventsOf, mentions, workOf } from "./log.ts";
import type { Meter, Slices } from "./slices.ts";

const DEFAULT_LIMIT = 100;
/** Stands in the text of every event that removes something. */
const REMOVES = ['"op":"remove"'];

/**
 * A page of what is removed in `view`, what was removed last first. A removed node has the seq of the event that has removed it: so
 * those are looked for, and of what they removed is told what is still removed by them.
 */
export function* binPage(
  { log, seq: newest }: Pick<StoredDocument, "log" | "seq">,
  view: ReadStore,
  { after = `${newest + 1}.0`, limit = DEFAULT_LIMIT, text = "" }: BinQuery,
  meter: Meter,
): Slices<BinPage> {
  const [before = 0, left = 0] = after.split(".").map(Number);
  const wanted = text.toLowerCase();
  const entries: BinEntry[] = [];
  let work: number = LIMITS.pastPage;
  let characters: number = LIMITS.binCharacters;
  const page = (seq: number, index: number): BinPage => ({ entries, more: true, next: `${seq}.${index}` });
  const count = (units: number) => {
    work -= units;
    meter.add(units);
  };
  // Of the event that the page before has ended in there is more.
  for (const commit of log.backward(before + 1)) {
    const looked = mentions(commit, REMOVES);
    count(looked.work);
    if (looked.found) {
      count(workOf(commit.events));
      for (const event of eventsOf(commit).reverse()) {
        if (event.seq > before) continue;
        const ids = removedBy(event);
        for (let index = event.seq === before ? left : ids.length; index > 0; index--) {
          const node = view.get(ids[index - 1] ?? "");
          const entry = node?.removed === event.seq && entryOf(view, node, event);
          if (meter.full()) yield;
          if (!entry || !hasText(entry.attrs, wanted)) continue;
          if (entries.length >= limit || characters <= 0) return page(event.seq, index);
          entries.push(entry);
          characters -= weighAttrs(entry.attrs);
        }
      }
    }
    if (work <= 0) return page(commit.first, 0);
    if (meter.full()) yield;
  }
  return { entries, more: false, next: null };
}

/** What an event has removed, but for rows that were joined to others: what they had is there. */
function removedBy({ ops }: TreeEvent): string[] {
  const joined = new Set(ops.flatMap((each) => (each.op === "edit" && each.join ? [each.id] : [])));
  return ops.flatMap((each) => (each.op === "remove" && !joined.has(each.id) ? [each.id] : []));
}

function entryOf(view: ReadStore, node: Readonly<NodeRecord>, event: TreeEvent): BinEntry | null {
  const { id, type, attrs, parent } = node;
  const { seq, time, userId, client } = event;
  if (parent === null) return null;
  const above = view.get(parent);
  const where = { parent, alive: above !== undefined && isAlive(view, above) };
  return { id, type, attrs, seq, time, userId, client, where, restore: { op: "move", id, parent, after: id } };
}

function hasText(attrs: Attrs, wanted: string): boolean {
  if (wanted === "") return true;
  return Object.values(attrs).some((value) => typeof value === "string" && value.toLowerCase().includes(wanted));
}
