import * as v from "valibot";
import { count, id, parse, strictFields, tooLong, whole } from "./decode.ts";
import type { Result } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { type Moment, type MomentInput, moment } from "./moment-of.ts";

/** A state of a document that is kept in mind. */
export interface Version {
  readonly id: string;
  /** Of no other version of the document; null where nobody has named it: it was noted by rule. */
  readonly name: string | null;
  /** The state is that right after this event. */
  readonly seq: number;
  /** When it was named, or noted. Unix milliseconds. */
  readonly time: number;
  /** Who has named it. */
  readonly userId: string | null;
}

/** Where a list of versions goes on: behind this one. */
export type VersionPlace = Pick<Version, "seq" | "id">;

export interface VersionsQuery {
  /** By their states; default: the oldest first. */
  readonly order?: "oldest" | "newest" | undefined;
  readonly after?: VersionPlace | undefined;
  /** Entries of a page; default 100, at most 1 000. */
  readonly limit?: number | undefined;
}
/** The same as it comes: `after` is the `next` of the page before. */
export type VersionsInput = Omit<VersionsQuery, "after"> & { readonly after?: string | undefined };

export interface VersionsPage {
  readonly entries: readonly Version[];
  /** Whether there are more: what to pass then as `after` is `next`; null where there are none at all. */
  readonly more: boolean;
  readonly next: string | null;
}

/** The state to name; default: as it is now. */
export interface VersionCall {
  readonly name: string;
  readonly at?: Moment | undefined;
}
/** The same as it comes: `at` is a seq, a time from 10^11 on, or `version:NAME`. */
export type VersionInput = Omit<VersionCall, "at"> & { readonly at?: MomentInput | undefined };

/** Another name for a version. */
export interface RenameCall {
  readonly id: string;
  readonly name: string;
}

/** A place as text. */
export function placeText({ seq, id: each }: VersionPlace): string {
  return `${seq}:${each}`;
}

const PLACE = /^(\d{1,15}):(.+)$/;
const place = v.pipe(
  v.string("must be the next of the page before"),
  v.regex(PLACE, "must be the next of the page before"),
  v.transform((text): VersionPlace => {
    const [, seq = "", each = ""] = PLACE.exec(text) ?? [];
    return { seq: Number(seq), id: each };
  }),
);
const name = v.pipe(
  v.string("must be a text"),
  v.minLength(1, "must not be empty"),
  v.maxLength(LIMITS.versionNameLength, tooLong),
  v.check((text) => text.isWellFormed(), "must be well-formed Unicode"),
);
/** One as it is kept. */
export const version = strictFields({
  ...{ id, name: v.nullable(name), seq: count, time: count },
  userId: v.nullable(v.pipe(v.string(), v.maxLength(LIMITS.userIdLength, tooLong))),
});
const list = strictFields({
  order: v.optional(v.picklist(["oldest", "newest"], "must be oldest or newest")),
  after: v.optional(place),
  limit: v.optional(whole(1, LIMITS.versionsPage)),
});
const named = strictFields({ name, at: v.optional(moment) });
const renamed = strictFields({ id, name });
const deleted = strictFields({ id });

export function decodeVersionsQuery(input: unknown): Result<VersionsQuery> {
  return parse(list, input, "invalid", "", "the query");
}

export function decodeVersionCall(input: unknown): Result<VersionCall> {
  return parse(named, input, "invalid", "", "the body");
}

export function decodeRename(input: unknown): Result<RenameCall> {
  return parse(renamed, input, "invalid", "", "the body");
}

export function decodeVersionId(input: unknown): Result<Pick<Version, "id">> {
  return parse(deleted, input, "invalid", "", "the body");
}
