import type { NodeId } from "./node.ts";
import type { Effect, Inverse } from "./operations.ts";

/** Why a mutation is refused by the tree. The protocol's error codes contain these. */
export type RejectionCode = "notFound" | "root" | "exists" | "cycle" | "removed" | "unseen" | "tooLarge" | "tooDeep";

/** What happened to whom beside the operations themselves: lists of node ids, absent when empty. */
export interface Receipts {
  /** Landed where a removed parent stood. */
  readonly redirected?: readonly NodeId[];
  /** Kept from a removal whose author had not seen them. */
  readonly rescued?: readonly NodeId[];
  /** Updated although removed, or restored inside what is: kept with it, seen again if it is restored. */
  readonly removed?: readonly NodeId[];
}

export interface Accepted {
  readonly ok: true;
  /** Empty where nothing changes. */
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
