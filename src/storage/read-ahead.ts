import type { NodeId, NodeRecord } from "../tree/index.ts";
import type { NodeTable } from "./tables.ts";

/** Rows read ahead at once: few at first, more while the reader goes on. */
const LEAST_AHEAD = 64;
const MOST_AHEAD = 256;
/** Where most rows of a page were large, so many times as many are read alone. */
const ALONE = 8;

/** How many rows to read at once: who has used all of what was read goes on; who has not may have wanted a little only. */
export function aheadOf(used: number): number {
  return Math.max(LEAST_AHEAD, Math.min(MOST_AHEAD, 2 * used));
}

/** Rows read ahead in document order. They stay out of the cache: a walk would empty that of what is used. */
export interface ReadAhead {
  /** The row of a node, for who goes on to what follows it. */
  below(id: NodeId): NodeRecord | undefined;
  /** The row of a node, if it was read; null where it is too large to be read beside others. */
  peek(id: NodeId): NodeRecord | null | undefined;
  /** What was read is out of date. */
  clear(): void;
}

export function createReadAhead(table: NodeTable): ReadAhead {
  let ahead = new Map<NodeId, NodeRecord | null>();
  /** How many of them were asked for. */
  let walked = 0;
  /** So many are read alone before it is worth while to read ahead again. */
  let alone = 0;
  return {
    below(id) {
      const read = ahead.get(id);
      if (read !== undefined) {
        ahead.delete(id);
        walked++;
        return read ?? table.get(id);
      }
      if (alone > 0) {
        alone--;
        return table.get(id);
      }
      ahead = table.walk(id, aheadOf(ahead.size === 0 ? walked : 0));
      walked = 1;
      let large = 0;
      for (const each of ahead.values()) if (!each) large++;
      // A walk that gives next to no content costs a third of reading it.
      if (2 * large > ahead.size) alone = ALONE * ahead.size;
      const record = ahead.get(id) ?? table.get(id);
      ahead.delete(id);
      return record;
    },
    peek: (id) => ahead.get(id),
    clear() {
      ahead = new Map();
    },
  };
}
