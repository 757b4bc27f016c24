import type { Budget } from "./budget.ts";
import type { FlatNode } from "./flat.ts";
import type { Attrs, NodeId, NodeRecord } from "./node.ts";
import type { Effect, Inverse } from "./operations.ts";
import type { Store } from "./store.ts";
import type { Refusal } from "./verdict.ts";

/** `resolve`: redirect and rescue, with receipts. `reject`: refuse instead, with `removed` and `unseen`. */
export type ConflictPolicy = "resolve" | "reject";

/** What the conflict rules need to know of a mutation besides its operations. */
export interface MutationContext {
  /** The seq that the event will have. */
  readonly seq: number;
  /** For nodes that come without an id. */
  readonly newId: () => NodeId;
  /** Whether the author had seen the event `seq`; without it, the author saw everything. */
  readonly sees?: ((seq: number) => boolean) | undefined;
  /** Default `resolve`. */
  readonly conflicts?: ConflictPolicy | undefined;
  /** Says what is wrong with a node's attributes as they would become, or null; `old` is what they were. */
  readonly attrsProblem?: ((attrs: Attrs, old?: Attrs) => string | null) | undefined;
  /** That of this very mutation. Default: it may drag along any amount. */
  readonly budget?: Budget | undefined;
  /** Of the object alone (`keeper.ts`). */
  readonly keeper?: Keeper | undefined;
}

/**
 * What only the object, which keeps everything, has to see to. A replica shows a mutation without it until the event comes,
 * and loads none of it.
 */
export interface Keeper {
  /** Why these new nodes, or a node with all below it, may not stand under `parent`; null if they may (T11). */
  tooDeep(store: Store, parent: NodeId, branch: readonly FlatNode[] | Readonly<NodeRecord>): Refusal | null;
  /** The outermost nodes below `top` that are not known to the author, in document order; null where that is too much (C14). */
  unseenIn(store: Store, top: Readonly<NodeRecord>, isKnown: IsKnown): NodeId[] | null;
  /** The nodes of a removed branch, if they are so few and small that an event carries them when they come back (T7). */
  carried(store: Store, top: NodeId): Readonly<NodeRecord>[] | null;
}

/** What may still be looked at to find what an author has not seen. */
export interface Looks {
  left: number;
  /** What was looked at before: it is in memory. */
  readonly met: Set<NodeId>;
}

/** Whether the author has seen that a node stands where it does. */
export type IsKnown = (node: Pick<NodeRecord, "placed">) => boolean;

/** A mutation under way: the store it writes to, and what has come of it so far. */
export interface Draft {
  readonly store: Store;
  readonly context: MutationContext;
  ops: Effect[];
  /** In the order of the effects; turned round at the end. */
  inverse: Inverse[];
  /** Null while empty: nearly every mutation ends so. */
  redirected: Set<NodeId> | null;
  rescued: Set<NodeId> | null;
  removed: Set<NodeId> | null;
}
