import type { NodeId, NodeRecord } from "./node.ts";

/** What reading a tree needs: the root's id, how many live nodes there are, and point look-ups. */
export interface ReadStore {
  readonly root: NodeId;
  readonly size: number;
  get(id: NodeId): Readonly<NodeRecord> | undefined;
}

/**
 * A key-value store of nodes. Every operation on a tree is made of these five things and never lists the store, so
 * the same code runs over a Map, over a copy-on-write layer and over database rows.
 */
export interface Store extends ReadStore {
  size: number;
  /** The record to write into; the store knows from then on that it changed. Throws if there is none (a bug). */
  edit(id: NodeId): NodeRecord;
  put(record: NodeRecord): void;
  delete(id: NodeId): void;
}

export interface MapStore extends Store {
  records(): IterableIterator<Readonly<NodeRecord>>;
}

/** An empty store in memory whose root will be `root`. */
export function createMapStore(root: NodeId): MapStore {
  const nodes = new Map<NodeId, NodeRecord>();
  return {
    root,
    size: 0,
    get: (id) => nodes.get(id),
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
