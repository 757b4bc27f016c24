import { noteAttrsBytes } from "../protocol/index.ts";
import type { Attrs, NodeId, NodeRecord, Order, Past, Stem, UndoneRun, Written } from "../tree/index.ts";
import { numberOf, numberOrNull, type SqlRow, textOf, textOrNull } from "./sql.ts";

// What the rows of the table `nodes` say: read alone, or many as one JSON text.

export type Columns = [
  id: NodeId,
  type: string,
  attrs: Attrs | null,
  parent: NodeId | null,
  prev: NodeId | null,
  next: NodeId | null,
  first: NodeId | null,
  last: NodeId | null,
  placed: number,
  removed: number | null,
  height: number,
  order: Order | null,
  past: SavedPast | null,
];

/** As much as nobody has undone, nor written twice, is no text. */
type SavedPast = readonly [written: Written | null, past: ReadPast | null];

/** Code of before 2026-11-28 wrote each undone event by itself. */
type ReadPast = Omit<Past, "undone"> & {
  readonly undone?: readonly (UndoneRun | readonly [seq: number, by: number])[];
};

/** The one text of many rows. */
export function pageOf(rows: readonly SqlRow[]): string {
  const [row] = rows;
  return row ? textOf(row, "page") : "[]";
}

/**
 * A node as the text of its row: a JSON list of its columns. `bare`: as one that has stood there from the beginning, of which nothing
 * has ever happened.
 */
export function rowText(record: Readonly<NodeRecord>, bare: boolean): string {
  const { id, type, attrs, parent, prev, next, first, last, placed, removed, height, order, written, past } = record;
  const place = [id, type, attrs, parent, prev, next, first, last];
  if (bare) return JSON.stringify([...place, 0, null, height, null, null]);
  return JSON.stringify([...place, placed, removed, height, order, written || past ? [written, past] : null]);
}

/** The node of such a text. */
export function recordOfRow([id, type, attrs, parent, prev, next, first, last, ...rest]: Columns): NodeRecord {
  const [placed, removed, height, order, saved] = rest;
  const [written, past] = saved ? readPast(saved) : NO_PAST;
  // In the order of `newRecord`: records of two shapes would slow everything down.
  const place = { removed, parent, prev, next, first, last, placed };
  return { id, type, attrs: attrs ?? {}, ...place, height, order, written, past };
}

/** The nodes of a page, in its order; null where the content of one is too large to stand in it. */
export function walkedOf(rows: readonly SqlRow[]): Map<NodeId, NodeRecord | null> {
  const page: Columns[] = JSON.parse(pageOf(rows));
  const walked = new Map<NodeId, NodeRecord | null>();
  for (const columns of page) walked.set(columns[0], columns[2] && recordOfRow(columns));
  return walked;
}

type StemColumns = [
  id: NodeId,
  parent: NodeId | null,
  prev: NodeId | null,
  next: NodeId | null,
  first: NodeId | null,
  placed: number,
  removed: number | null,
];

/** The nodes of a page without their content. */
export function stemsOf(rows: readonly SqlRow[]): Stem[] {
  const page: StemColumns[] = JSON.parse(pageOf(rows));
  return page.map(([id, parent, prev, next, first, placed, removed]) => {
    return { id, parent, prev, next, first, placed, removed };
  });
}

/** The node of a row that was read alone. */
export function recordOf(row: SqlRow): NodeRecord {
  const attrs: Attrs = JSON.parse(textOf(row, "attrs"));
  noteAttrsBytes(attrs, numberOf(row, "bytes"));
  const [written, past] = pastOf(textOrNull(row, "past"));
  return {
    id: textOf(row, "id"),
    type: textOf(row, "type"),
    attrs,
    // As in `recordOfRow`.
    removed: numberOrNull(row, "removed"),
    parent: textOrNull(row, "parent"),
    prev: textOrNull(row, "prev"),
    next: textOrNull(row, "next"),
    first: textOrNull(row, "first"),
    last: textOrNull(row, "last"),
    placed: numberOf(row, "placed"),
    height: numberOf(row, "height"),
    order: orderOf(textOrNull(row, "gone")),
    written,
    past,
  };
}

type WholePast = readonly [written: Written | null, past: Past | null];

const NO_PAST: WholePast = [null, null];

function pastOf(text: string | null): WholePast {
  if (text === null) return NO_PAST;
  const saved: SavedPast = JSON.parse(text);
  return readPast(saved);
}

function readPast([written, past]: SavedPast): WholePast {
  if (!past) return [written, null];
  const { undone, ...rest } = past;
  if (!undone) return [written, rest];
  const runs = undone.map((run): UndoneRun => (run.length === 2 ? [run[0], run[0], run[1]] : run));
  return [written, { ...rest, undone: runs }];
}

/** What is written of it; `recordOf` reads it. */
export function pastText({ written, past }: Readonly<NodeRecord>): string | null {
  return written || past ? JSON.stringify([written, past]) : null;
}

function orderOf(text: string | null): Order | null {
  if (text === null) return null;
  const order: Order = JSON.parse(text);
  return order;
}
