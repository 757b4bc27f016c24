import type { Budget } from "./budget.ts";
import { decide } from "./decide.ts";
import { commitLayer, createLayer } from "./layer.ts";
import type { Attrs, NodeId } from "./node.ts";
import type { Effect, Inverse, Operation } from "./operations.ts";
import type { Store } from "./store.ts";

/** Why a mutation is refused by the tree. The protocol's error codes contain these. */
export type RejectionCode = "notFound" | "root" | "exists" | "cycle" | "removed" | "unseen" | "tooLarge";

/** What happened to whom beside the operations themselves: lists of node ids, absent when empty. */
export interface Receipts {
  /** Landed where a removed parent stood. */
  readonly redirected?: readonly NodeId[];
  /** Kept from a removal whose author had not seen them. */
  readonly rescued?: readonly NodeId[];
  /** Updated although removed: kept with the node, seen again if it is restored. */
  readonly removed?: readonly NodeId[];
}

export interface Accepted {
  readonly ok: true;
  readonly ops: readonly Effect[];
  /** What undoes them, in the order to apply it. */
  readonly inverse: readonly Inverse[];
  readonly receipts: Receipts;
}

export interface Refusal {
  readonly code: RejectionCode;
  readonly message: string;
  /** The seq of the event that it lost against, for `cycle`. */
  readonly seq?: number;
}

/** A refused mutation: nothing of it was applied. `op` is the index of the operation that failed. */
export type Rejected = Refusal & { readonly ok: false; readonly op: number };

export type Verdict = Accepted | Rejected;

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

/**
 * Decides a mutation by the conflict rules (docs/spec.md, section C) and applies it: all of it, or nothing. An insert,
 * move or update costs O(1) look-ups, plus the walk to the root for a move; removing and restoring cost the subtree.
 */
export function mutate(store: Store, operations: readonly Operation[], context: MutationContext): Verdict {
  // Every operation looks before it writes, so one alone is atomic without a layer.
  if (operations.length === 1) return decideAll(store, operations, context);
  const layer = createLayer(store);
  const verdict = decideAll(layer, operations, context);
  if (verdict.ok) commitLayer(layer, store);
  return verdict;
}

function decideAll(store: Store, operations: readonly Operation[], context: MutationContext): Verdict {
  const draft: Draft = {
    store,
    context,
    ops: [],
    inverse: [],
    redirected: null,
    rescued: null,
    removed: null,
  };
  let index = 0;
  for (const operation of operations) {
    const refusal = decide(draft, operation);
    if (refusal) return { ok: false, ...refusal, op: index };
    index++;
  }
  return { ok: true, ops: draft.ops, inverse: draft.inverse.reverse(), receipts: receiptsOf(draft) };
}

const NO_RECEIPTS: Receipts = {};

function receiptsOf({ redirected, rescued, removed }: Draft): Receipts {
  if (!redirected && !rescued && !removed) return NO_RECEIPTS;
  return {
    ...(redirected && { redirected: [...redirected] }),
    ...(rescued && { rescued: [...rescued] }),
    ...(removed && { removed: [...removed] }),
  };
}
