import {
  type NodeId,
  type NodeRecord,
  noteUncounted,
  type Places,
  type Stem,
  type Store,
  type Toward,
} from "../tree/index.ts";
import { createDoomed, type Doomed, type SavedDoomed } from "./doomed.ts";
import { createMoments, type Frozen, weigh } from "./frozen.ts";
import type { NodeTable } from "./tables.ts";

/** What unchanged records may take in memory, in characters of their attributes with an allowance for the rest. */
const CLEAN_WEIGHT = 8 * 1024 * 1024;
/** When there is more, it is cut down to this. */
const CLEAN_KEPT = 7 * 1024 * 1024;
/** How many ids that do not exist are remembered. */
const MOST_ABSENT = 10_000;
/** How many nodes are kept in mind without their content. */
const MOST_STEMS = 20_000;
/** On the way to the root, where nothing is read in vain. */
const MOST_ABOVE = 1_024;
/** Siblings read at once. */
const BESIDE = 32;
/** Nodes from which the way up is read at once, and how many rows that may be. */
const FROM = 256;
const ABOVE_THEM = 8 * FROM;
/** Rows read ahead at once: few at first, more while the reader goes on. */
const LEAST_AHEAD = 64;
const MOST_AHEAD = 256;
/** Where most rows of a page were large, so many times as many are read alone. */
const ALONE = 8;
/** Written early at once, with so much in them: 10 ms. */
const EARLY_NODES = 512;
const EARLY_WEIGHT = 1024 * 1024;
/** What changes meanwhile is written early, too, so often. */
const EARLY_ROUNDS = 3;
/** Named in a checkpoint, which is a row of at most 2 MB. */
const MOST_UNCOUNTED = 2_000;
/** Branches of at most so many nodes are counted when they are removed; that costs one statement. */
const COUNTED_AT_ONCE = 64;

/** The node rows as a store: read on demand, written back by `write`, what is unchanged kept within a bound. */
export interface NodeRows extends Store {
  /** How many nodes differ from their rows, and how many of these a checkpoint has still to write. */
  readonly dirty: number;
  readonly unwritten: number;
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

/** Nodes that are written before a checkpoint, whose rows are worth nothing until it is finished. */
interface Early {
  /** What is written next, in the order of ids: what differed when this round began. */
  ids: readonly NodeId[];
  round: number;
  /** Whose rows are kept aside as they were. */
  readonly kept: Set<NodeId>;
  /** What has been written and has not changed since. */
  readonly written: Set<NodeId>;
}

/** What is known of all nodes together. */
export interface Totals extends SavedDoomed {
  readonly size: number;
  readonly buried: number;
  readonly uncounted: readonly NodeId[];
  /** Whether there may be more of those than are named: they have to be found among the rows. */
  readonly more: boolean;
}

/** Those of a tree of one node. */
export const FIRST_TOTALS: Totals = { size: 1, buried: 0, uncounted: [], more: false, doomed: [], search: null };

/** `empty` where no row was ever written. */
export function createNodeRows(
  table: NodeTable,
  root: NodeId,
  totals: Totals,
  places: Places | null,
  empty = false,
): NodeRows {
  const clean = new Map<NodeId, NodeRecord>();
  const dirty = new Map<NodeId, NodeRecord | null>();
  let weight = 0;
  // While everything that exists is in memory, what is not in memory does not exist, and no row has to be looked for.
  let complete = empty;
  /** Looked for and not found: every insert asks twice for its id, and a row takes 15 µs to look for. */
  const absent = new Set<NodeId>();
  /** Rows read ahead in document order. They stay out of the cache: a walk would empty that of what is used. */
  let ahead = new Map<NodeId, NodeRecord | null>();
  /** How many of them were asked for. */
  let walked = 0;
  /** So many are read alone before it is worth while to read ahead again. */
  let alone = 0;
  /** What was read without content. */
  const stems = new Map<NodeId, Stem>();
  /** How many of them were asked for by who goes on below, since some were read. */
  let passed = 0;
  let early: Early | null = null;
  let { more } = totals;
  /** How far the rows have been looked through for removed branches. */
  let looked: NodeId = "";

  const keepClean = (record: NodeRecord) => {
    clean.set(record.id, record);
    weight += weigh(record);
    if (weight <= CLEAN_WEIGHT) return;
    // Many at once: a Map that is begun from its front after every insert costs 12 µs each (V8 of Node 24, measured).
    for (const [id, oldest] of clean) {
      if (weight <= CLEAN_KEPT) break;
      clean.delete(id);
      weight -= weigh(oldest);
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
    weight -= weigh(record);
  };
  /** What memory knows of a node: null means that it does not exist, undefined that its row has to be read. */
  const known = (id: NodeId): NodeRecord | null | undefined => {
    const changed = dirty.get(id);
    if (changed !== undefined) return changed;
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
    const record = ahead.get(id) ?? table.get(id);
    if (record) keepClean(record);
    else noteAbsent(id);
    return record;
  };
  const change = (id: NodeId, record: NodeRecord | null) => {
    early?.written.delete(id);
    dirty.set(id, record);
    moments.changed();
  };
  /** What was read beside the cache is out of date. */
  const rewritten = () => {
    ahead = new Map();
    stems.clear();
  };
  const keepStems = (read: readonly Stem[]) => {
    if (stems.size > MOST_STEMS) stems.clear();
    for (const each of read) stems.set(each.id, each);
  };
  const most = (toward: Toward) => {
    // As in `below`.
    if (toward === "below") return Math.max(LEAST_AHEAD, Math.min(MOST_AHEAD, 2 * passed));
    return toward === "above" ? MOST_ABOVE : BESIDE;
  };
  const stem = (id: NodeId, toward: Toward): Stem | undefined => {
    const here = known(id);
    if (here === null) return undefined;
    if (toward === "below") passed++;
    const kept = here ?? stems.get(id);
    if (kept) return kept;
    keepStems(table.stems([id], toward, most(toward)));
    if (toward === "below") passed = 0;
    const read = stems.get(id);
    if (!read) noteAbsent(id);
    return read;
  };

  const rows: NodeRows = {
    root,
    size: totals.size,
    buried: totals.buried,
    uncounted: new Map(totals.uncounted.map((id) => [id, {}])),
    doomed: createDoomed(table, totals),
    countsAtOnce: COUNTED_AT_ONCE,
    places,
    get,
    above: (id) => stem(id, "above"),
    stem,
    expectAbove(ids) {
      const unknown = ids.filter((id) => known(id) === undefined && !stems.has(id));
      for (let start = 0; start < unknown.length; start += FROM) {
        const some = unknown.slice(start, start + FROM);
        keepStems(table.stems(some, "above", ABOVE_THEM));
        for (const id of some) if (!stems.has(id)) noteAbsent(id);
      }
    },
    below(id) {
      const here = known(id);
      if (here !== undefined) return here ?? undefined;
      const read = ahead.get(id);
      if (read !== undefined) {
        ahead.delete(id);
        walked++;
        const record = read ?? table.get(id);
        return record && passing(record);
      }
      if (alone > 0) {
        alone--;
        const record = table.get(id);
        return record && passing(record);
      }
      // Who has used all of what was read goes on; who has not may have wanted a little only.
      const most = ahead.size === 0 ? Math.min(MOST_AHEAD, 2 * walked) : 0;
      ahead = table.walk(id, Math.max(LEAST_AHEAD, most));
      walked = 1;
      let large = 0;
      for (const each of ahead.values()) if (!each) large++;
      // A walk that gives next to no content costs a third of reading it.
      if (2 * large > ahead.size) alone = ALONE * ahead.size;
      const record = ahead.get(id) ?? table.get(id);
      ahead.delete(id);
      return record && passing(record);
    },
    edit(id) {
      moments.remember(id);
      early?.written.delete(id);
      const changed = dirty.get(id);
      if (changed) return changed;
      const record = get(id);
      if (!record) throw new Error(`no node ${id} in the store`);
      takeClean(id);
      change(id, record);
      return record;
    },
    put(record) {
      moments.remember(record.id);
      takeClean(record.id);
      change(record.id, record);
    },
    delete(id) {
      moments.remember(id);
      takeClean(id);
      change(id, null);
    },
    get dirty() {
      return dirty.size;
    },
    get unwritten() {
      return dirty.size - (early?.written.size ?? 0);
    },
    totals: () => ({
      ...{ size: rows.size, buried: rows.buried, ...rows.doomed.saved() },
      uncounted: [...rows.uncounted.keys()].slice(0, MOST_UNCOUNTED),
      more: more || rows.uncounted.size > MOST_UNCOUNTED,
    }),
    write() {
      if (!early) return table.write(dirty);
      const { written } = early;
      table.write(new Map([...dirty].filter(([id]) => !written.has(id))));
      table.forgetKept();
    },
    nextEarly() {
      early ??= { ids: [], round: 0, kept: new Set(), written: new Set() };
      const { written } = early;
      if (early.ids.length === 0 && early.round < EARLY_ROUNDS) {
        early.ids = [...dirty.keys()].filter((id) => !written.has(id)).sort();
        early.round++;
      }
      let end = 0;
      for (let weight = 0; end < early.ids.length && end < EARLY_NODES && weight < EARLY_WEIGHT; end++) {
        const record = dirty.get(early.ids[end] ?? "");
        if (record) weight += weigh(record);
      }
      return early.ids.slice(0, end);
    },
    writeEarly(ids) {
      // Once it was written a row is not what it was.
      table.keep(ids.filter((id) => !early?.kept.has(id)));
      table.write(new Map(ids.map((id) => [id, dirty.get(id) ?? null])));
    },
    wroteEarly(ids) {
      if (!early) return;
      early.ids = early.ids.slice(ids.length);
      for (const id of ids) {
        early.kept.add(id);
        early.written.add(id);
      }
    },
    written() {
      early = null;
      rewritten();
      absent.clear();
      for (const record of dirty.values()) if (record) keepClean(record);
      dirty.clear();
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
