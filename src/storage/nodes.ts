import { type NodeId, type NodeRecord, type Store, toRow, weighAttrs } from "../tree/index.ts";
import type { NodeTable } from "./tables.ts";

/** What unchanged records may take in memory, in characters of their attributes with an allowance for the rest. */
const CLEAN_WEIGHT = 8 * 1024 * 1024;
/** When there is more, it is cut down to this. */
const CLEAN_KEPT = 7 * 1024 * 1024;
const RECORD_WEIGHT = 300;
/** How many ids that do not exist are remembered. */
const MOST_ABSENT = 10_000;
/** What all frozen trees together may remember, in the same measure. */
const BEFORE_WEIGHT = 16 * 1024 * 1024;

/** The node rows as a store: read on demand, written back by `write`, what is unchanged kept within a bound. */
export interface NodeRows extends Store {
  /** How many nodes differ from their rows. */
  readonly dirty: number;
  /** Writes what differs; to be called inside a transaction, and followed by `written` when that has succeeded. */
  write(): void;
  written(): void;
  /** Looks these ids up at once: those that do not exist are not looked for again before the next `written`. */
  expect(ids: readonly NodeId[]): void;
  /** The tree as it is now, to be read at leisure while it goes on changing. */
  freeze(): Frozen;
  /** Whether anyone reads a frozen tree. */
  readonly frozen: boolean;
  /** Deletes the rows of removed nodes; to be called when nothing is dirty. */
  dropRemoved(): void;
}

/** A tree held at one moment. It remembers what is changed since, so it must be released. */
export interface Frozen {
  /** Every live node as the text of a snapshot row, in no order. */
  rows(): Generator<string>;
  /** Every live node in document order. Ten times as slow as `rows`, and nothing that is remembered is let go. */
  nodes(): Generator<Readonly<NodeRecord>>;
  /** Too much has changed since to be remembered: what is read from now on is worth nothing. */
  readonly overtaken: boolean;
  release(): void;
}

/** What a frozen tree has to remember: records as they were, of nodes whose rows the scan has not passed yet. */
interface Moment {
  readonly before: Map<NodeId, Readonly<NodeRecord> | null>;
  weight: number;
  passed: NodeId;
  overtaken: boolean;
}

/** `empty` where no row was ever written. */
export function createNodeRows(table: NodeTable, root: NodeId, size: number, empty: boolean): NodeRows {
  const clean = new Map<NodeId, NodeRecord>();
  const dirty = new Map<NodeId, NodeRecord | null>();
  const frozen = new Set<Moment>();
  /** The ids of changed nodes, shared by all who freeze the tree at the same moment. */
  let unwrittenNow: ReadonlySet<NodeId> | null = null;
  let weight = 0;
  /** What frozen trees remember. */
  let remembered = 0;
  // While everything that exists is in memory, what is not in memory does not exist, and no row has to be looked for.
  let complete = empty;
  /** Looked for and not found: every insert asks twice for its id, and a row takes 15 µs to look for. */
  const absent = new Set<NodeId>();
  /** How often rows were written: what was read ahead before is out of date then. */
  let writes = 0;

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
  const takeClean = (id: NodeId) => {
    const record = clean.get(id);
    if (!record) return undefined;
    clean.delete(id);
    weight -= weigh(record);
    return record;
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
    const record = table.get(id);
    if (record) keepClean(record);
    else noteAbsent(id);
    return record;
  };
  const change = (id: NodeId, record: NodeRecord | null) => {
    dirty.set(id, record);
    unwrittenNow = null;
  };
  const weighMoment = (moment: Moment, more: number) => {
    moment.weight += more;
    remembered += more;
  };
  const release = (moment: Moment) => {
    if (!frozen.delete(moment)) return;
    remembered -= moment.weight;
    moment.before.clear();
  };
  const forget = (moment: Moment, id: NodeId, record: Readonly<NodeRecord> | null) => {
    moment.before.delete(id);
    weighMoment(moment, -weighImage(record));
  };
  /** To be called before a record changes: those who read an earlier moment keep it as it was. */
  const remember = (id: NodeId) => {
    /** Made when somebody lacks it, and shared by all who do. */
    let image: Readonly<NodeRecord> | null | undefined;
    for (const moment of frozen) {
      const { before, passed } = moment;
      if (before.has(id) || id <= passed) continue;
      if (image === undefined) {
        const record = get(id);
        image = record ? { ...record } : null;
      }
      before.set(id, image);
      weighMoment(moment, weighImage(image));
    }
    // Who has been reading for longest has the most to remember.
    for (const oldest of frozen) {
      if (remembered <= BEFORE_WEIGHT) break;
      oldest.overtaken = true;
      release(oldest);
    }
  };

  return {
    root,
    size,
    get,
    edit(id) {
      remember(id);
      const changed = dirty.get(id);
      if (changed) return changed;
      const record = get(id);
      if (!record) throw new Error(`no node ${id} in the store`);
      takeClean(id);
      change(id, record);
      return record;
    },
    put(record) {
      remember(record.id);
      takeClean(record.id);
      change(record.id, record);
    },
    delete(id) {
      remember(id);
      takeClean(id);
      change(id, null);
    },
    get dirty() {
      return dirty.size;
    },
    write: () => table.write(dirty),
    written() {
      writes++;
      absent.clear();
      for (const record of dirty.values()) if (record) keepClean(record);
      dirty.clear();
      unwrittenNow = null;
    },
    expect(ids) {
      const unknown = ids.filter((id) => known(id) === undefined);
      if (unknown.length === 0) return;
      for (const id of unknown) absent.add(id);
      for (const id of table.existing(unknown)) absent.delete(id);
    },
    get frozen() {
      return frozen.size > 0;
    },
    dropRemoved() {
      for (const [id, { removed }] of clean) if (removed !== null) takeClean(id);
      table.deleteRemoved();
      writes++;
    },
    freeze() {
      const moment: Moment = { before: new Map(), weight: 0, passed: "", overtaken: false };
      const { before } = moment;
      unwrittenNow ??= new Set(dirty.keys());
      const unwritten = unwrittenNow;
      frozen.add(moment);
      return {
        *rows() {
          for (const id of unwritten) {
            const record = before.has(id) ? before.get(id) : get(id);
            if (record && record.removed === null) yield rowText(record);
          }
          for (const { id, row } of table.scan()) {
            if (unwritten.has(id)) continue;
            const record = before.get(id);
            moment.passed = id;
            if (record === undefined) {
              if (row !== null) yield row;
              continue;
            }
            forget(moment, id, record);
            if (record && record.removed === null) yield rowText(record);
          }
          // What is left was deleted before the scan came to it.
          for (const [id, record] of before) {
            if (record && record.removed === null && !unwritten.has(id)) yield rowText(record);
          }
        },
        *nodes() {
          // Rows read ahead. They stay out of the cache: a pass through the document would empty that of what is used.
          let ahead = new Map<NodeId, NodeRecord>();
          let aheadOf = writes;
          const look = (id: NodeId) => {
            if (before.has(id)) return before.get(id) ?? undefined;
            const here = known(id);
            if (here !== undefined) return here ?? undefined;
            if (aheadOf !== writes || !ahead.has(id)) {
              ahead = new Map(table.walk(id).map((record) => [record.id, record]));
              aheadOf = writes;
            }
            return ahead.get(id);
          };
          // Where to go on above, as far as there is anything: a parent may be long out of memory.
          const pending = [root];
          for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
            const node = look(id);
            if (!node) throw new Error(`no node ${id} in the store`);
            // Before it is handed out: the record may change before the next step.
            if (node.next !== null) pending.push(node.next);
            if (node.first !== null) pending.push(node.first);
            yield node;
          }
        },
        get overtaken() {
          return moment.overtaken;
        },
        release: () => release(moment),
      };
    },
  };
}

/** About how many bytes a record takes. */
export function weigh({ id, attrs }: Readonly<NodeRecord>): number {
  return RECORD_WEIGHT + id.length + weighAttrs(attrs);
}

function weighImage(record: Readonly<NodeRecord> | null): number {
  return record ? weigh(record) : RECORD_WEIGHT;
}

/** The text of a record's snapshot row. */
export function rowText(record: Readonly<NodeRecord>): string {
  return JSON.stringify(toRow(record));
}
