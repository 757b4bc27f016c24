import type { DocumentOptions, Result, Space } from "../protocol/index.ts";
import type { Counters, Slices, StoredDocument } from "../storage.ts";
import { countAll } from "../tree/index.ts";
import type { State as Life } from "./lifecycle.ts";

/** How a document is. Times are Unix milliseconds, sizes bytes. */
export interface Info {
  readonly documentId: string;
  readonly state: Life;
  readonly subscriberCount: number;
  /** Live nodes. */
  readonly treeSize: number;
  readonly seq: number;
  readonly incarnation: string;
  readonly createdAt: number;
  /** The last seq that the last checkpoint has. */
  readonly checkpointSeq: number;
  /** The size of its database. */
  readonly storageBytes: number;
  /** `low` from 80 % of `maxBytes` on, `full` past it: then only what removes is accepted. */
  readonly space: Space;
  /** The first seq that the history has; one more than `seq` where it has none. */
  readonly historyFrom: number;
  readonly options: DocumentOptions;
  /** What has happened since it was created. */
  readonly counters: Counters;
}

/** What a stored document tells of itself; what its size is has to be `counted` before. */
export function storedInfo(stored: StoredDocument): Omit<Info, "documentId" | "state" | "subscriberCount"> {
  return {
    treeSize: stored.nodes.size,
    seq: stored.seq,
    incarnation: stored.incarnation,
    createdAt: stored.createdAt,
    checkpointSeq: stored.checkpointSeq,
    storageBytes: stored.bytes,
    space: stored.space,
    historyFrom: stored.historyFrom,
    options: stored.options,
    counters: stored.counters,
  };
}

/** Nodes that are looked at in one turn. */
const NODES_PER_TURN = 2_048;

/** Counts the large branches that were removed before something is answered that tells the size of the tree. */
export function createCounting(
  commit: (now: number) => void,
): <T>(stored: StoredDocument, now: number, answer: (now: number) => Result<T>) => Slices<Result<T>> {
  /** Whoever waits for it drives the same count, of the same document: another one may have taken its id. */
  let count: { readonly of: StoredDocument["nodes"]; readonly steps: Generator<void> } | null = null;
  return function* counted(stored, now, answer) {
    let time = now;
    const { nodes } = stored;
    while (nodes.mayLackUncounted) {
      nodes.findUncounted();
      time = yield;
    }
    for (let done = nodes.uncounted.size === 0; !done; ) {
      if (count?.of !== nodes) count = { of: nodes, steps: countAll(nodes, NODES_PER_TURN) };
      done = count.steps.next().done === true;
      // What it writes into each branch counts like any other change.
      if (stored.heavy) commit(time);
      if (done) count = null;
      else time = yield;
    }
    return answer(time);
  };
}
