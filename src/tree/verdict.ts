import type { NodeId } from "./node.ts";
import type { Effect, Inverse } from "./operations.ts";

/** Why a mutation is refused by the tree. The protocol's error codes contain these. */
export type RejectionCode =
  | "invalid"
  | "notFound"
  | "root"
  | "exists"
  | "cycle"
  | "removed"
  | "unseen"
  | "tooLarge"
  | "tooDeep"
  | "expired"
  | "forbidden";

/** What happened to whom beside the operations themselves: lists of node ids, absent when empty. */
export interface Receipts {
  /** Landed where a removed parent stood. */
  readonly redirected?: readonly NodeId[];
  /** Kept from a removal whose author had not seen them. */
  readonly rescued?: readonly NodeId[];
  /** Updated although removed, or restored inside what is: kept with it, seen again if it is restored. */
  readonly removed?: readonly NodeId[];
  /** Went with a removal whose author had not seen that others had updated them. */
  readonly updated?: readonly NodeId[];
  /** What an undo or redo left as it is. */
  readonly skipped?: readonly Skipped[];
}

/**
 * A part that was not undone, or not done again. `changed`: someone has changed it since; `used`: others have put something into
 * it, or it is too large to see whether; `removed`: it stays removed, or goes with what it is in; `gone`: it is not kept any more,
 * or has nowhere to go; `limit`: it would stand too deep, or become too large. `seq` is the event that stands in the way.
 */
export interface Skipped {
  readonly id: NodeId;
  readonly why: "changed" | "used" | "removed" | "gone" | "limit";
  readonly seq?: number | undefined;
  /** Who made that, where that is known. */
  readonly client?: string | null | undefined;
  readonly userId?: string | null | undefined;
}

/**
 * Work of the event `seq` that has lost against a mutation whose author had not seen it: its node was `rescued` from a removal,
 * was `removed` with an update in it, or was `moved` or `written` over.
 */
export interface Lost {
  readonly seq: number;
  readonly id: NodeId;
  readonly why: "rescued" | "removed" | "moved" | "written";
}

export interface Accepted {
  readonly ok: true;
  /** Empty where nothing changes. */
  readonly ops: readonly Effect[];
  /** What undoes them, in the order to apply it. */
  readonly inverse: readonly Inverse[];
  readonly receipts: Receipts;
  /** Whose work has lost against it; absent where nobody's has. */
  readonly lost?: readonly Lost[] | undefined;
  /** The events that it undoes, or does again. */
  readonly undoes?: readonly number[] | undefined;
  readonly redoes?: readonly number[] | undefined;
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
