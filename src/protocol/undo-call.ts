import * as v from "valibot";
import { id, meta, parse, strictFields, tooLong, whole } from "./decode.ts";
import { failure, type Result, success } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { Meta } from "./messages.ts";

/** Whose doing is meant: a user's, a client's, or that of these events. Null: of users without a name. */
export type Whose =
  | { readonly user: string | null }
  | { readonly client: string }
  | { readonly seqs: readonly number[] };

/** Takes back what somebody did last, or does again what was taken back of it last. */
export interface UndoCall {
  /** Left out: that of who asks. */
  readonly whose?: Whose | undefined;
  /** So many mutations, or groups of them. Default 1. */
  readonly count: number;
  /** Only what was done before this seq. */
  readonly before?: number | undefined;
  readonly redo: boolean;
  /** Tells what would be undone, and does nothing. */
  readonly dryRun: boolean;
  /** Both or neither: with them it is exactly-once. */
  readonly author?: { readonly client: string; readonly mutation: number } | undefined;
  readonly meta?: Meta | undefined;
}

/** The same as it comes over HTTP and RPC. */
export interface UndoInput {
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  readonly seq?: number | undefined;
  readonly seqs?: readonly number[] | undefined;
  readonly count?: number | undefined;
  readonly before?: number | undefined;
  readonly redo?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly mutation?: number | undefined;
  readonly meta?: Meta | undefined;
}

const seq = whole(1);
const input = strictFields({
  user: v.optional(v.pipe(v.string(), v.minLength(1, "must not be empty"), v.maxLength(LIMITS.userIdLength, tooLong))),
  client: v.optional(id),
  seq: v.optional(seq),
  seqs: v.optional(v.pipe(v.array(seq), v.minLength(1, "names no event"), v.maxLength(LIMITS.undoneAtOnce, tooLong))),
  count: v.optional(whole(1, LIMITS.undoneAtOnce)),
  before: v.optional(seq),
  redo: v.optional(v.boolean()),
  dryRun: v.optional(v.boolean()),
  mutation: v.optional(seq),
  meta: v.optional(meta),
});

export function decodeUndo(given: unknown): Result<UndoCall> {
  const decoded = parse(input, given, "invalid", "", "the body");
  if (!decoded.ok) return decoded;
  const { user, client, seq: one, seqs: some, count, before, mutation } = decoded.value;
  const { redo = false, dryRun = false, meta: kept } = decoded.value;
  const seqs = one === undefined ? some : [one];
  if (one !== undefined && some) return failure("invalid", "the body: names either seq or seqs");
  if (user !== undefined && seqs) return failure("invalid", "the body: names a user, or events");
  if (seqs && (count !== undefined || before !== undefined))
    return failure("invalid", "the body: count and before are of what a user or client did");
  const isAuthor = mutation !== undefined;
  if (isAuthor && client === undefined) return failure("invalid", "mutation: takes the client that makes it");
  if (!isAuthor && client !== undefined && (user !== undefined || seqs))
    return failure("invalid", "client: beside a user, or events, it is who makes this, and takes a mutation");
  const whose = seqs ? { seqs } : user !== undefined ? { user } : client !== undefined ? { client } : undefined;
  const author = isAuthor && client !== undefined ? { client, mutation } : undefined;
  return success({ whose, count: count ?? 1, before, redo, dryRun, author, meta: kept });
}
