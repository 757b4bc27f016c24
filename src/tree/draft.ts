import type { Budget } from "./budget.ts";
import type { Attrs, NodeId } from "./node.ts";
import type { Effect, Inverse } from "./operations.ts";
import type { Store } from "./store.ts";

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
  /**
   * The nodes that events which the author has not seen have placed, so that a removal need not look through its branch; null
   * where those are too many to look at. Default: the branch is looked through.
   */
  readonly unseenPlaced?: (() => ReadonlySet<NodeId> | null) | undefined;
  /** Default `resolve`. */
  readonly conflicts?: ConflictPolicy | undefined;
  /** Says what is wrong with a node's attributes as they would become, or null; `old` is what they were. */
  readonly attrsProblem?: ((attrs: Attrs, old?: Attrs) => string | null) | undefined;
  /** That of this very mutation. Default: it may drag along any amount. */
  readonly budget?: Budget | undefined;
  /** How many levels below the root a node may stand. Default: any. */
  readonly maxDepth?: number | undefined;
}

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
