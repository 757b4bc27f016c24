import * as v from "valibot";
import { id, parse, strictFields } from "./decode.ts";
import type { Result } from "./errors.ts";
import { type Moment, type MomentInput, moment } from "./moment-of.ts";

/** Makes another document of what this one is, or was. */
export interface ForkCall {
  /** The id of the document that is to be made. */
  readonly to: string;
  /** Default: now. */
  readonly at?: Moment | undefined;
  /** Whether the history up to that comes, too: seqs, who wrote what, what was removed. */
  readonly history: boolean;
}

/** The same as it comes. */
export interface ForkInput {
  readonly to: string;
  readonly at?: MomentInput | undefined;
  readonly history?: boolean | undefined;
}

const input = strictFields({ to: id, at: v.optional(moment), history: v.optional(v.boolean("must be true or false")) });

export function decodeFork(given: unknown): Result<ForkCall> {
  const decoded = parse(input, given, "invalid", "", "the body");
  if (!decoded.ok) return decoded;
  const { to, at, history = false } = decoded.value;
  return { ok: true, value: { to, at, history } };
}

/** What an export is to have. */
export interface ExportInput {
  /** Whether it is a backup: with options and history. Default: the tree alone. */
  readonly history?: boolean | undefined;
}

const query = strictFields({ history: v.optional(v.boolean("must be true or false")) });

export function decodeExport(given: unknown): Result<ExportInput> {
  return parse(query, given, "invalid", "", "the query");
}
