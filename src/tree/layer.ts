import type { NodeId, NodeRecord } from "./node.ts";
import { missing, type ReadStore, type Store } from "./store.ts";

/** A store over another store: what is written stays in the layer until `commit`, or is dropped with it. */
export interface Layer extends Store {
  /** The ids written or deleted in this layer. */
  changed(): IterableIterator<NodeId>;
}

/** Copies a record on its first write. It serves optimistic views, atomic mutations and time travel alike. */
export function createLayer(base: ReadStore): Layer {
  const changes = new Map<NodeId, NodeRecord | null>();
  const get = (id: NodeId) => {
    const own = changes.get(id);
    return own === undefined ? base.get(id) : (own ?? undefined);
  };
  return {
    root: base.root,
    size: base.size,
    get,
    edit(id) {
      const own = changes.get(id);
      if (own) return own;
      const below = own === null ? undefined : base.get(id);
      if (!below) return missing(id);
      const copy = { ...below };
      changes.set(id, copy);
      return copy;
    },
    put: (record) => void changes.set(record.id, record),
    delete: (id) => void changes.set(id, null),
    changed: () => changes.keys(),
  };
}

/** Writes what the layer changed into the store below it. The layer must not be used afterwards: it shares its records. */
export function commitLayer(layer: Layer, base: Store): void {
  for (const id of layer.changed()) {
    const record = layer.get(id);
    if (record) base.put(layer.edit(id));
    else base.delete(id);
  }
  base.size = layer.size;
}
