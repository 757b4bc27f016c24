import type { NodeId, NodeRecord } from "./node.ts";
import type { Places } from "./places.ts";

/** What a walk to the root looks at. */
export type Above = Pick<Readonly<NodeRecord>, "id" | "parent" | "placed" | "removed">;

/** What reading a tree needs: the root's id, how many live nodes there are, and point look-ups. */
export interface ReadStore {
  readonly root: NodeId;
  readonly size: number;
  /** How many removed nodes have children: while there are none, all but removed nodes are alive. */
  readonly buried: number;
  get(id: NodeId): Readonly<NodeRecord> | undefined;
  /** The same for who goes on to what is above it: it may read that at once. */
  above?(id: NodeId): Above | undefined;
  /** The same for who goes on to what follows it in document order. */
  below?(id: NodeId): Readonly<NodeRecord> | undefined;
  /** Says that these ids will be looked for. */
  expect?(ids: readonly NodeId[]): void;
}

/**
 * A key-value store of nodes. Every operation on a tree is made of these five things and never lists the store, so
 * the same code runs over a Map, over a copy-on-write layer and over database rows.
 */
export interface Store extends ReadStore {
  size: number;
  buried: number;
  /** How it keeps the places of what is gone; null: it does not. */
  readonly places: Places | null;
  /** The record to write into; the store knows from then on that it changed. Throws if there is none (a bug). */
  edit(id: NodeId): NodeRecord;
  /** A removed branch of at most so many nodes is counted at once. */
  readonly countsAtOnce: number;
  /** The tops of larger ones, which the size still contains: to be counted by whoever wants to know (`size.ts`). */
  readonly uncounted: NodeId[];
  put(record: NodeRecord): void;
  delete(id: NodeId): void;
}

export interface MapStore extends Store {
  records(): IterableIterator<Readonly<NodeRecord>>;
}

/** An empty store in memory whose root will be `root`. */
export function createMapStore(root: NodeId, places: Places | null = null): MapStore {
  const nodes = new Map<NodeId, NodeRecord>();
  return {
    root,
    size: 0,
    buried: 0,
    places,
    get: (id) => nodes.get(id),
    countsAtOnce: Number.POSITIVE_INFINITY,
    uncounted: [],
    edit: (id) => nodes.get(id) ?? missing(id),
    put: (record) => void nodes.set(record.id, record),
    delete: (id) => void nodes.delete(id),
    records: () => nodes.values(),
  };
}

/** For look-ups that only a bug can make fail. */
export function missing(id: NodeId): never {
  throw new Error(`there is no node ${id}`);
}

export function mustGet(store: ReadStore, id: NodeId): Readonly<NodeRecord> {
  return store.get(id) ?? missing(id);
}
