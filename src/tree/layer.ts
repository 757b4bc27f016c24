import type { NodeId, NodeRecord } from "./node.ts";
import { noteUncounted } from "./size.ts";
import { missing, type Places, type ReadStore, type Store, stemOf, type Toward } from "./store.ts";

/** A store over another store: what is written stays in the layer until `commitLayer`, or is dropped with it. */
export interface Layer extends Store {
  /** The ids written or deleted in this layer. */
  changed(): IterableIterator<NodeId>;
  has(id: NodeId): boolean;
  /** How many they are. */
  readonly count: number;
}

/**
 * Copies a record on its first write. It serves optimistic views, atomic mutations and time travel alike. Over a store that
 * keeps the places of what is gone it keeps them too, unless it is told not to (nothing is anchored in the past). `taken` is
 * told of every record that comes into the layer, and may throw.
 */
export function createLayer(
  base: ReadStore & Partial<Store>,
  places: Places | null = base.places ?? null,
  taken: (record: Readonly<NodeRecord>) => void = () => {},
): Layer {
  const changes = new Map<NodeId, NodeRecord | null>();
  const over =
    <T>(below: (id: NodeId, toward: Toward) => T | undefined) =>
    (id: NodeId, toward: Toward = "below") => {
      const own = changes.get(id);
      return own === undefined ? below(id, toward) : (own ?? undefined);
    };
  const get = over((id) => base.get(id));
  return {
    root: base.root,
    size: base.size,
    buried: base.buried,
    places,
    provenance: base.provenance ?? null,
    // Over what is only read nobody asks for a size: the past of 500 000 removed nodes took 18 s to count (2026-11-27).
    countsAtOnce: base.countsAtOnce ?? 0,
    uncounted: new Map(),
    get,
    above: over((id) => (base.above ? base.above(id) : base.get(id))),
    below: over((id) => (base.below ? base.below(id) : base.get(id))),
    stem: over((id, toward) => stemOf(base, id, toward)),
    expectAbove: (ids) => base.expectAbove?.(ids),
    expect: (ids) => base.expect?.(ids),
    edit(id) {
      const own = changes.get(id);
      if (own) return own;
      const below = own === null ? undefined : base.get(id);
      if (!below) return missing(id);
      const copy = { ...below };
      changes.set(id, copy);
      taken(copy);
      return copy;
    },
    put(record) {
      changes.set(record.id, record);
      taken(record);
    },
    delete: (id) => void changes.set(id, null),
    changed: () => changes.keys(),
    has: (id) => changes.has(id),
    get count() {
      return changes.size;
    },
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
  base.buried = layer.buried;
  for (const id of layer.uncounted.keys()) noteUncounted(base, id);
}
