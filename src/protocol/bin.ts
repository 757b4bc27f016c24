import * as v from "valibot";
import type { Attrs, Move, NodeId } from "../tree/index.ts";
import type { Doer } from "./blame.ts";
import { parse, strictFields, tooLong, whole } from "./decode.ts";
import type { Result } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** Asks what was removed and is still kept, what was removed last first. */
export interface BinQuery {
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** Default 100. */
  readonly limit?: number | undefined;
  /** Only nodes that have this in one of their texts; upper and lower case are the same. */
  readonly text?: string | undefined;
}

/** A node that was removed, with all that lay below it, and who has removed it. */
export interface BinEntry extends Doer {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs: Attrs;
  /** What it stood in, and whether that is there. */
  readonly where: { readonly parent: NodeId; readonly alive: boolean };
  /** The operation that brings it back to where it stood. */
  readonly restore: Move;
}

export interface BinPage {
  readonly entries: readonly BinEntry[];
  readonly more: boolean;
  /** To be passed as `after`, as long as there is more. */
  readonly next: string | null;
}

const query = strictFields({
  after: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}\.\d{1,6}$/, "is no `next` of a page"))),
  limit: v.optional(whole(1, LIMITS.binPage)),
  text: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.binText, tooLong))),
});

export function decodeBinQuery(input: unknown): Result<BinQuery> {
  return parse(query, input, "invalid", "", "the query");
}
