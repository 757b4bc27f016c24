import { type Attrs, type NodeId, type NodeRecord, type Past, weighRecord } from "../tree/index.ts";

/** The nodes that differ from their rows, and what they take in memory. */
export interface Changed {
  readonly records: ReadonlyMap<NodeId, NodeRecord | null>;
  /** About how many bytes they take. Between two mutations, as records are written to after they were asked for. */
  readonly weight: number;
  /** Whether there has ever been a record among them that is more than small. To be asked like the weight. */
  readonly wasLarge: boolean;
  /** Notes a record that differs, or is about to; null for a node that is to be deleted. */
  set(id: NodeId, record: NodeRecord | null): void;
  /** A record that differs is about to be written to once more. */
  touch(id: NodeId): void;
  /** A record does not differ any more. */
  forget(id: NodeId): void;
  clear(): void;
}

/** What is kept in mind of a node that is to be deleted. */
const DELETED_WEIGHT = 100;
/** As many records of no more as one mutation may change take 40 MiB. */
const SMALL = 4 * 1024;

/** What a record took when it was weighed last. What is large in it is never written in place: while it is the same, so is its weight. */
interface Weighed {
  readonly attrs: Attrs | null;
  readonly past: Past | null;
  readonly weight: number;
}

export function createChanged(large: boolean): Changed {
  const records = new Map<NodeId, NodeRecord | null>();
  const weighed = new Map<NodeId, Weighed>();
  /** Those that may weigh something else by now: a record changes in hand, so it is weighed when somebody asks. */
  const touched = new Set<NodeId>();
  let weight = 0;
  let wasLarge = large;
  const weigh = (id: NodeId) => {
    const record = records.get(id);
    const { attrs = null, past = null } = record ?? {};
    const before = weighed.get(id);
    if (before && before.attrs === attrs && before.past === past) return;
    const now = record ? weighRecord(record) : DELETED_WEIGHT;
    weight += now - (before?.weight ?? 0);
    wasLarge ||= now > SMALL;
    weighed.set(id, { attrs, past, weight: now });
  };
  const weighTouched = () => {
    if (touched.size === 0) return;
    for (const id of touched) weigh(id);
    touched.clear();
  };
  return {
    records,
    get weight() {
      weighTouched();
      return weight;
    },
    get wasLarge() {
      if (!wasLarge) weighTouched();
      return wasLarge;
    },
    set(id, record) {
      records.set(id, record);
      touched.add(id);
    },
    touch: (id) => void touched.add(id),
    forget(id) {
      records.delete(id);
      touched.delete(id);
      weight -= weighed.get(id)?.weight ?? 0;
      weighed.delete(id);
    },
    clear() {
      // It has to be known of all that there ever was.
      if (!wasLarge) weighTouched();
      records.clear();
      weighed.clear();
      touched.clear();
      weight = 0;
    },
  };
}
