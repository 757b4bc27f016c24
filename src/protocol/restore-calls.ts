import * as v from "valibot";
import type { NodeId, Operation } from "../tree/index.ts";
import { decodeAuthor, type MutationAuthor } from "./calls.ts";
import { id, meta, parse, strictFields, whole } from "./decode.ts";
import { chain, type Result, success } from "./errors.ts";
import type { Meta } from "./messages.ts";
import { type Moment, type MomentInput, moment } from "./moment-of.ts";

/** What is to be as it was. With `client` and `mutation` it is exactly-once. */
export interface RestoreCall extends MutationAuthor {
  /** The state. */
  readonly to: Moment;
  /** The top of a branch; default: the whole tree. */
  readonly node?: NodeId | undefined;
  /** What becomes of nodes that were put there since: kept beside it (default), or removed. */
  readonly others?: "keep" | "remove" | undefined;
  /** Only tell the operations that it would take. */
  readonly dryRun?: boolean | undefined;
  /** No more than one mutation may well do, which leads part of the way: to be asked again until there is no more. */
  readonly partly?: boolean | undefined;
  /** Default: `{"restored": SEQ}`. */
  readonly meta?: Meta | undefined;
}

/** The same as it comes: the state is a seq, a time from 10^11 on, or `version:NAME`. */
export type RestoreInput = Omit<RestoreCall, "to"> & { readonly to: MomentInput };

/** The operations that a restore takes as the document is right after `seq`. */
export interface RestorePlan {
  readonly seq: number;
  /** The seq of the state that they lead to. */
  readonly to: number;
  readonly ops: readonly Operation[];
  /** Whether they lead only part of the way. */
  readonly more: boolean;
}

const restore = strictFields({
  to: moment,
  node: v.optional(id),
  others: v.optional(v.picklist(["keep", "remove"], "must be keep or remove")),
  dryRun: v.optional(v.boolean("must be true or false")),
  partly: v.optional(v.boolean("must be true or false")),
  client: v.optional(id),
  mutation: v.optional(whole(1)),
  meta: v.optional(meta),
});

export function decodeRestoreCall(input: unknown): Result<RestoreCall> {
  return chain(parse(restore, input, "invalid", "", "the body"), (call) =>
    chain(decodeAuthor(input), () => success(call)),
  );
}
