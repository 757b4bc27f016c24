import type { Ghost, Gone, NodeId, NodeRecord, Past } from "./node.ts";
import type { Kept, KeptPlace, Marks, Place, RemoveEffect, Update, UpdateEffect } from "./operations.ts";

/** What a walk to the root looks at. */
export type Above = Pick<Readonly<NodeRecord>, "id" | "parent" | "placed" | "removed">;

/** All that tells the way from a node to others, without its content, which may be large. */
export type Stem = Pick<Readonly<NodeRecord>, "id" | "parent" | "prev" | "next" | "first" | "placed" | "removed">;

/** Where a reader goes on to: what follows in document order, the parent, or the siblings on one side. */
export type Toward = "below" | "above" | "before" | "behind";

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
  /** The same without content, for who goes on that way. */
  stem?(id: NodeId, toward: Toward): Stem | undefined;
  /** Says that these nodes, and what is above them, will be asked for as stems. */
  expectAbove?(ids: readonly NodeId[]): void;
  /** Says that these ids will be looked for. */
  expect?(ids: readonly NodeId[]): void;
}

/** The tops of removed branches, each with a sign of its own: one with another sign than before has to be counted anew. */
export type Uncounted = Map<NodeId, object>;

/**
 * A key-value store of nodes. Every operation on a tree is made of these five things and never lists the store, so
 * the same code runs over a Map, over a copy-on-write layer and over database rows.
 */
export interface Store extends ReadStore {
  size: number;
  buried: number;
  /** How it keeps the places of what is gone; null: it does not. */
  readonly places: Places | null;
  /** How it keeps whose work stands where; null: it does not. */
  readonly provenance: Provenance | null;
  /**
   * The record to write into; the store knows from then on that it changed. Throws if there is none (a bug). `known` is what
   * `get` has just given for it: who has that spares a look-up.
   */
  edit(id: NodeId, known?: Readonly<NodeRecord>): NodeRecord;
  /** A removed branch of at most so many nodes is counted at once. */
  readonly countsAtOnce: number;
  /** The tops of larger ones, which the size still contains: to be counted by whoever wants to know (`size.ts`). */
  readonly uncounted: Uncounted;
  put(record: NodeRecord): void;
  delete(id: NodeId): void;
  /**
   * Runs a piece of work, tells `changes` of every record before it is changed for the first time, and takes back all that was
   * changed where the outcome is not good.
   */
  attempt?<T extends { readonly ok: boolean }>(changes: (record: Readonly<NodeRecord>) => void, work: () => T): T;
}

/** The event that left a ghost, and the one that it has undone by that. */
export type Left = Pick<Ghost, "since" | "of" | "away">;

/** Keeps where removed and moved-away nodes stood among their siblings (T13; `places.ts`). */
export interface Places {
  /** A live node has been linked. What is gone behind its prev, and stands behind `beside`, stands behind the node now. */
  enter(store: Store, node: Readonly<NodeRecord>, beside: Gone | undefined): void;
  /** A live node is about to be unlinked. Its place stays as its tombstone, as its ghost since an event, or not at all. */
  leave(store: Store, node: Readonly<NodeRecord>, remains: "tombstone" | "nothing" | Left): void;
  /** A removed node is about to stand among the living. Its place stays as its ghost since an event, or, with null, not. */
  lift(store: Store, node: Readonly<NodeRecord>, remains: Left | null): void;
  /**
   * Where `id` stands since it was removed, or stood last, among these children, as the exact place right behind it; null if it
   * does not. With `left`, where it stood until that event; null if that is not kept.
   */
  behind(store: ReadStore, parent: Readonly<NodeRecord>, id: NodeId, left?: Partial<Left>): Place | null;
  /** The exact place right in front of it. */
  inFront(store: ReadStore, parent: Readonly<NodeRecord>, id: NodeId, left?: Partial<Left>): Place | null;
  /** The exact place behind a live child, or with null before the first, and behind all that is gone there. */
  last(store: ReadStore, parent: NodeId, after: NodeId | null): Place;
  /** What stands right in front of something that is gone, in its gap. */
  before(store: ReadStore, parent: NodeId, gone: Gone): Gone | undefined;
  /**
   * A node is about to go to a place, and leaves `left`. If it stood there, what it left there before goes, and `isBack` where that was
   * its tombstone; what it will stand beside then.
   */
  goBack(
    store: Store,
    node: Readonly<NodeRecord>,
    place: Place & KeptPlace,
    left: Left | null,
  ): { isBack?: boolean; beside: Gone | undefined };
  /** Whether a ghost more would cost it one that it has. */
  isFull(node: Readonly<NodeRecord>): boolean;
  /** The ghosts that an event left go. */
  expire(store: Store, id: NodeId, since: number): void;
  /** A removed node is about to be deleted: all its places go. */
  forget(store: Store, node: Readonly<NodeRecord>): void;
}

/** Keeps whose work stands in each node, and what of it is undone (`provenance.ts`). Each is told of what has just been done. */
export interface Provenance {
  placed(store: Store, node: NodeRecord, place: KeptPlace, seq: number): void;
  /** It was not alive; where it was not removed itself, `grave` is the outermost removed node that it stood in. */
  broughtBack(store: Store, node: NodeRecord, grave: NodeId | null, place: KeptPlace, seq: number): void;
  /** It is about to be written. */
  wrote(node: NodeRecord, update: Omit<Update, "op" | "id">, seq: number, stands: Marks | undefined): void;
  updated(node: NodeRecord, effect: UpdateEffect, seq: number): void;
  edited(node: NodeRecord, effect: Kept, seq: number): void;
  removed(node: NodeRecord, effect: RemoveEffect, seq: number, wasRemoved: boolean): void;
  /** Time travel has put it back. */
  wasPut(node: NodeRecord, was: Pick<Past, "place" | "removers">): void;
  /** What it leaves where it is about to go from. */
  leftBy(node: Readonly<NodeRecord>, place: KeptPlace, seq: number): Left;
}

export interface MapStore extends Store {
  provenance: Provenance | null;
  records(): IterableIterator<Readonly<NodeRecord>>;
}

/** An empty store in memory whose root will be `root`. */
export function createMapStore(
  root: NodeId,
  places: Places | null = null,
  provenance: Provenance | null = null,
): MapStore {
  const nodes = new Map<NodeId, NodeRecord>();
  return {
    root,
    size: 0,
    buried: 0,
    places,
    provenance,
    get: (id) => nodes.get(id),
    countsAtOnce: Number.POSITIVE_INFINITY,
    uncounted: new Map(),
    edit: (id, known) => known ?? nodes.get(id) ?? missing(id),
    put: (record) => void nodes.set(record.id, record),
    delete: (id) => void nodes.delete(id),
    records: () => nodes.values(),
  };
}

/** For look-ups that only a bug can make fail. */
export function missing(id: NodeId): never {
  throw new Error(`there is no node ${id}`);
}

export function stemOf(store: ReadStore, id: NodeId, toward: Toward): Stem | undefined {
  return store.stem ? store.stem(id, toward) : store.get(id);
}

export function mustGet(store: ReadStore, id: NodeId): Readonly<NodeRecord> {
  return store.get(id) ?? missing(id);
}
