import {
  keepingGraves,
  type NodeId,
  type NodeRecord,
  noteUncounted,
  type Places,
  PROVENANCE,
  type Store,
  weighRecord,
} from "../tree/index.ts";
import { type Attempt, beginAttempt } from "./attempt.ts";
import { createChanged } from "./changed.ts";
import { createDoomed, type Doomed, type SavedDoomed } from "./doomed.ts";
import { createEarlyRows } from "./early-rows.ts";
import { createMoments, type Frozen } from "./frozen.ts";
import { aheadOf, createReadAhead } from "./read-ahead.ts";
import { createStems } from "./stems.ts";
import type { NodeTable } from "./tables.ts";

/** What is removed expires with the history. */
const KEEPING = keepingGraves(PROVENANCE);

/** What unchanged records may take in memory, in characters of their attributes with an allowance for the rest. */
const CLEAN_WEIGHT = 8 * 1024 * 1024;
/** When there is more, it is cut down to this. */
const CLEAN_KEPT = 7 * 1024 * 1024;
/** How many ids that do not exist are remembered. */
const MOST_ABSENT = 10_000;
/** Named in a checkpoint, which is a row of at most 2 MB. */
const MOST_UNCOUNTED = 2_000;
/** Branches of at most so many nodes are counted when they are removed; that costs one statement. */
const COUNTED_AT_ONCE = 64;

/** The node rows as a store: read on demand, written back by `write`, what is unchanged kept within a bound. */
export interface NodeRows extends Store {
  /** How many nodes differ from their rows, and how many of these a checkpoint has still to write. */
  readonly dirty: number;
  readonly unwritten: number;
  /** About how many bytes those take that differ. To be asked between two mutations. */
  readonly dirtyWeight: number;
  /** And about how many all take that are in memory, as they are and as they were. */
  readonly weight: number;
  /** Whether any node has ever been so large that one mutation could change more than memory holds. */
  readonly wasLarge: boolean;
  readonly doomed: Doomed;
  /** Looks for removed branches that are not counted, a page of rows at a time; false where there are no more rows. */
  findUncounted(): boolean;
  /** Whether that has to be done before the size is right. */
  readonly mayLackUncounted: boolean;
  /** What a checkpoint has to keep of it beside the rows. */
  totals(): Totals;
  /** Writes what differs; to be called inside a transaction, and followed by `written` when that has succeeded. */
  write(): void;
  written(): void;
  /** Some of what differs, to be written ahead of that: none where all is. */
  nextEarly(): readonly NodeId[];
  /** Writes these, and keeps aside what their rows were; inside a transaction, and followed by `wroteEarly`. */
  writeEarly(ids: readonly NodeId[]): void;
  wroteEarly(ids: readonly NodeId[]): void;
  /** Looks these ids up at once: those that do not exist are not looked for again before the next `written`. */
  expect(ids: readonly NodeId[]): void;
  /** The tree as it is now, to be read at leisure while it goes on changing. */
  freeze(): Frozen;
  /** How many read a frozen tree. */
  readonly readers: number;
}

/** What is known of all nodes together. */
export interface Totals extends SavedDoomed {
  readonly size: number;
  readonly buried: number;
  readonly uncounted: readonly NodeId[];
  /** Whether there may be more of those than are named: they have to be found among the rows. */
  readonly more: boolean;
  /** Whether any node has ever been more than small. */
  readonly large: boolean;
}

/** Those of a tree of one node. */
export const FIRST_TOTALS: Totals = {
  size: 1,
  buried: 0,
  uncounted: [],
  more: false,
  large: false,
  doomed: [],
  search: null,
};

/** `empty` where no row was ever written. */
export function createNodeRows(
  table: NodeTable,
  root: NodeId,
  totals: Totals,
  places: Places | null,
  empty = false,
): NodeRows {
  const clean = new Map<NodeId, NodeRecord>();
  const changed = createChanged(totals.large);
  const dirty = changed.records;
  let weight = 0;
  // While everything that exists is in memory, what is not in memory does not exist, and no row has to be looked for.
  let complete = empty;
  /** Looked for and not found: every insert asks twice for its id, and a row takes 15 µs to look for. */
  const absent = new Set<NodeId>();
  const ahead = createReadAhead(table);
  const early = createEarlyRows(table, dirty);
  /** The operation under way, if it may have to be taken back. */
  let attempt: Attempt | null = null;
  let { more } = totals;
  /** How far the rows have been looked through for removed branches. */
  let looked: NodeId = "";

  const keepClean = (record: NodeRecord) => {
    clean.set(record.id, record);
    weight += weighRecord(record);
    if (weight <= CLEAN_WEIGHT) return;
    // Many at once: a Map that is begun from its front after every insert costs 12 µs each (V8 of Node 24, measured).
    for (const [id, oldest] of clean) {
      if (weight <= CLEAN_KEPT) break;
      clean.delete(id);
      weight -= weighRecord(oldest);
      complete = false;
    }
  };
  /** A walk fills the cache, and empties it of nothing: what is used often would go. */
  const passing = (record: NodeRecord) => {
    if (weight < CLEAN_KEPT) keepClean(record);
    return record;
  };
  const takeClean = (id: NodeId) => {
    const record = clean.get(id);
    if (!record) return;
    clean.delete(id);
    weight -= weighRecord(record);
  };
  /** What memory knows of a node: null means that it does not exist, undefined that its row has to be read. */
  const known = (id: NodeId): NodeRecord | null | undefined => {
    const differs = dirty.get(id);
    if (differs !== undefined) return differs;
    return clean.get(id) ?? (complete || absent.has(id) ? null : undefined);
  };
  const noteAbsent = (id: NodeId) => {
    // Someone may ask for ids that never come to exist, and no checkpoint would let go of them.
    if (absent.size >= MOST_ABSENT) absent.clear();
    absent.add(id);
  };
  const get = (id: NodeId): NodeRecord | undefined => {
    const here = known(id);
    if (here !== undefined) return here ?? undefined;
    const record = ahead.peek(id) ?? table.get(id);
    if (record) keepClean(record);
    else noteAbsent(id);
    return record;
  };
  const change = (id: NodeId, record: NodeRecord | null) => {
    early.changes(id);
    changed.set(id, record);
    moments.changed();
  };
  const agree = (id: NodeId, record: NodeRecord | undefined) => {
    changed.forget(id);
    // It may be there still: what came to too much was noted and not changed.
    takeClean(id);
    if (record) keepClean(record);
    moments.changed();
  };
  /** What was read beside the cache is out of date. */
  const rewritten = () => {
    ahead.clear();
    stems.clear();
  };
  const stems = createStems({ table, known, noteAbsent, ahead: aheadOf });

  const rows: NodeRows = {
    root,
    size: totals.size,
    buried: totals.buried,
    uncounted: new Map(totals.uncounted.map((id) => [id, {}])),
    doomed: createDoomed(table, totals),
    countsAtOnce: COUNTED_AT_ONCE,
    places,
    provenance: KEEPING,
    get,
    above: (id) => stems.get(id, "above"),
    stem: stems.get,
    expectAbove: stems.expectAbove,
    below(id) {
      const here = known(id);
      if (here !== undefined) return here ?? undefined;
      const record = ahead.below(id);
      return record && passing(record);
    },
    edit(id) {
      moments.remember(id);
      early.changes(id);
      const differs = dirty.get(id);
      if (differs) {
        attempt?.note(id, differs, true);
        changed.touch(id);
        return differs;
      }
      const record = get(id);
      if (!record) throw new Error(`no node ${id} in the store`);
      attempt?.note(id, record, false);
      takeClean(id);
      change(id, record);
      return record;
    },
    put(record) {
      moments.remember(record.id);
      attempt?.note(record.id, known(record.id), dirty.has(record.id));
      takeClean(record.id);
      change(record.id, record);
    },
    delete(id) {
      moments.remember(id);
      attempt?.note(id, known(id), dirty.has(id));
      takeClean(id);
      change(id, null);
    },
    attempt(changes, work) {
      attempt = beginAttempt({ rows, differ: change, agree }, changes);
      try {
        const outcome = work();
        if (!outcome.ok) attempt.takeBack();
        return outcome;
      } finally {
        attempt = null;
      }
    },
    get dirty() {
      return dirty.size;
    },
    get dirtyWeight() {
      return changed.weight;
    },
    get weight() {
      return changed.weight + weight + moments.weight;
    },
    get wasLarge() {
      return changed.wasLarge;
    },
    get unwritten() {
      return dirty.size - early.count;
    },
    totals: () => ({
      ...{ size: rows.size, buried: rows.buried, ...rows.doomed.saved() },
      uncounted: [...rows.uncounted.keys()].slice(0, MOST_UNCOUNTED),
      more: more || rows.uncounted.size > MOST_UNCOUNTED,
      large: changed.wasLarge,
    }),
    write: early.writeRest,
    nextEarly: early.next,
    writeEarly: early.write,
    wroteEarly: early.wrote,
    written() {
      early.over();
      rewritten();
      absent.clear();
      for (const record of dirty.values()) if (record) keepClean(record);
      changed.clear();
      moments.changed();
    },
    expect(ids) {
      const unknown = ids.filter((id) => known(id) === undefined);
      if (unknown.length === 0) return;
      for (const id of unknown) absent.add(id);
      for (const id of table.existing(unknown)) absent.delete(id);
    },
    get mayLackUncounted() {
      return more;
    },
    findUncounted() {
      const { found, last } = table.uncounted(looked);
      for (const id of found) noteUncounted(rows, id);
      more = last !== null;
      looked = last ?? "";
      return more;
    },
    get readers() {
      return moments.count;
    },
    freeze: () => moments.freeze(),
  };
  const moments = createMoments({
    root,
    table,
    get size() {
      return rows.size;
    },
    get buried() {
      return rows.buried;
    },
    get,
    above: (id) => rows.above?.(id),
    below: (id) => rows.below?.(id),
    unwritten: () => dirty.keys(),
  });
  return rows;
}
