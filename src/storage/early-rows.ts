import { type NodeId, type NodeRecord, weighRecord } from "../tree/index.ts";
import type { NodeTable } from "./tables.ts";

/** Written at once, with so much in them: 5 ms. */
const MOST_NODES = 256;
const MOST_WEIGHT = 1024 * 1024;
/** What changes meanwhile is written early, too, so often. */
const MOST_ROUNDS = 3;

/** Nodes that are written before a checkpoint, whose rows are worth nothing until it is finished. */
export interface EarlyRows {
  /** How many of the nodes that differ have been written and have not changed since. */
  readonly count: number;
  /** A node is about to differ from what was written of it. */
  changes(id: NodeId): void;
  /** Some that are to be written next: none where all are. */
  next(): readonly NodeId[];
  /** Writes these, and keeps aside what their rows were; inside a transaction, and followed by `wrote`. */
  write(ids: readonly NodeId[]): void;
  wrote(ids: readonly NodeId[]): void;
  /** Writes all others that differ, which makes a checkpoint of it; inside a transaction, and followed by `over`. */
  writeRest(): void;
  over(): void;
}

/** What there is of it while a checkpoint is under way. */
interface Round {
  /** What is written next, in the order of ids: what differed when this round began. */
  ids: readonly NodeId[];
  number: number;
  /** Whose rows are kept aside as they were. */
  readonly kept: Set<NodeId>;
  /** What has been written and has not changed since. */
  readonly written: Set<NodeId>;
}

/** `dirty` are the nodes that differ from their rows; null for one that is to be deleted. */
export function createEarlyRows(table: NodeTable, dirty: ReadonlyMap<NodeId, NodeRecord | null>): EarlyRows {
  let round: Round | null = null;
  return {
    get count() {
      return round?.written.size ?? 0;
    },
    changes: (id) => void round?.written.delete(id),
    next() {
      round ??= { ids: [], number: 0, kept: new Set(), written: new Set() };
      const { written } = round;
      if (round.ids.length === 0 && round.number < MOST_ROUNDS) {
        round.ids = [...dirty.keys()].filter((id) => !written.has(id)).sort();
        round.number++;
      }
      let end = 0;
      for (let weight = 0; end < round.ids.length && end < MOST_NODES && weight < MOST_WEIGHT; end++) {
        const record = dirty.get(round.ids[end] ?? "");
        if (record) weight += weighRecord(record);
      }
      return round.ids.slice(0, end);
    },
    write(ids) {
      // Once it was written a row is not what it was.
      table.keep(ids.filter((id) => !round?.kept.has(id)));
      table.write(new Map(ids.map((id) => [id, dirty.get(id) ?? null])));
    },
    wrote(ids) {
      if (!round) return;
      round.ids = round.ids.slice(ids.length);
      for (const id of ids) {
        round.kept.add(id);
        round.written.add(id);
      }
    },
    writeRest() {
      if (!round) return table.write(dirty);
      const { written } = round;
      table.write(new Map([...dirty].filter(([id]) => !written.has(id))));
      table.forgetKept();
    },
    over() {
      round = null;
    },
  };
}
