import * as v from "valibot";
import type { NodeDiff, NodeId, Operation } from "../tree/index.ts";
import { count, id, parse, strictFields, whole } from "./decode.ts";
import type { Result } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { TreeEvent } from "./messages.ts";
import { type Moment, type MomentInput, moment } from "./moment-of.ts";

// What is asked of two states of a document, and what it answers.

export interface DiffQuery {
  /** The two states: either may be the earlier one. By default from where the history begins to now. */
  readonly from?: Moment | undefined;
  readonly to?: Moment | undefined;
  /** Only what stands in this branch in one of them; with `ops` the branch alone. */
  readonly node?: NodeId | undefined;
  /** Where the page begins: the `next` of the one before, with the same `from` and `to`. */
  readonly after?: number | undefined;
  /** Default 100. */
  readonly limit?: number | undefined;
  /** Operations that lead from the one to the other, and not what differs. */
  readonly ops?: boolean | undefined;
}

/** The same as it comes: each state is a seq, a time from 10^11 on, or `version:NAME`. */
export type DiffInput = Omit<DiffQuery, "from" | "to"> & {
  readonly from?: MomentInput | undefined;
  readonly to?: MomentInput | undefined;
};

/** What of a node differs, and whose events have done that. */
export type DiffNode = NodeDiff & {
  /** The last event that has put it somewhere or taken it away; and the last that has changed its content. */
  readonly placed?: number;
  readonly written?: number;
  /** By text, for each of its changes the event that has made it; null for what is kept. Left out where that is not known. */
  readonly by?: Readonly<Record<string, readonly (number | null)[]>>;
};

/** A page of what differs, in the order in which events between name it. */
export interface DiffPage {
  /** The seqs of the states. */
  readonly from: number;
  readonly to: number;
  readonly nodes: readonly DiffNode[];
  /** Who has made the events that are named. */
  readonly authors: Readonly<Record<string, Pick<TreeEvent, "time" | "userId" | "client">>>;
  readonly more: boolean;
  readonly next: number;
}

/** A page of the operations that lead from one state to the other: all of them, in their order, do. */
export interface DiffOperations extends Omit<DiffPage, "nodes" | "authors"> {
  readonly ops: readonly Operation[];
}

const diff = strictFields({
  from: v.optional(moment),
  to: v.optional(moment),
  node: v.optional(id),
  after: v.optional(count),
  limit: v.optional(whole(1, LIMITS.diffPage)),
  ops: v.optional(v.boolean("must be true or false")),
});

export function decodeDiffQuery(input: unknown): Result<DiffQuery> {
  return parse(diff, input, "invalid", "", "the query");
}
