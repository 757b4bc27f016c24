import type { Effect, Operation, Receipts } from "../tree/index.ts";
import type { RestorePlan } from "./restore-calls.ts";

// What calls that change a document are answered with, over HTTP and RPC.

/** What a mutation over HTTP or RPC is answered with. */
export interface MutationAnswer extends Receipts {
  readonly seq: number;
  readonly time: number;
  /** The operations as they took effect: here are the ids of nodes that were inserted without one. Empty: nothing changed. */
  readonly ops: readonly Effect[];
}

/** What a restore is answered with: the mutation that it made, the seq of the moment, and whether there is more to do. */
export type RestoreAnswer = MutationAnswer & Pick<RestorePlan, "to" | "more">;

/** What an undo with `dryRun` is answered with: the operations that it would make a mutation of. */
export interface UndoPlan {
  readonly ops: readonly Operation[];
}
