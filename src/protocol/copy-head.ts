import * as v from "valibot";
import { count, id, parse, strictFields, tooLong, whole } from "./decode.ts";
import { chain, failure, type Result, success } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { DEFAULT_OPTIONS, type DocumentOptions, decodeOptions, withOptions } from "./options.ts";
import { type Version, version } from "./version-calls.ts";

/** What the first line of a document that is copied says, and the last one. */
export interface CopyHead {
  /** Of the lines. */
  readonly version: number;
  /** Of the rows. */
  readonly schema: number;
  readonly root: string;
  readonly options: DocumentOptions;
  /** What the rows of nodes stand at; null: it is a new document, of which nothing has happened. */
  readonly past: CopyPast | null;
}

export interface CopyPast {
  /** Unix milliseconds, both; the time is that of the seq. */
  readonly createdAt: number;
  readonly seq: number;
  readonly time: number;
  readonly versions: readonly Version[];
  /** Null where nothing has ever happened to the nodes of that seq, and what the log has behind it is to be done again. */
  readonly kept: {
    /** What the places of what is gone are balanced by. */
    readonly salt: number;
    readonly historyFrom: number;
    readonly totals: CopyTotals;
    readonly counters: CopyCounters;
  } | null;
}

/** What a checkpoint says of all nodes together. */
export interface CopyTotals {
  readonly size: number;
  readonly buried: number;
  readonly uncounted: readonly string[];
  readonly more: boolean;
  readonly large: boolean;
  readonly doomed: readonly string[];
  readonly search: { readonly until: number; readonly after: string; readonly again: boolean } | null;
}

export interface CopyCounters {
  readonly commits: number;
  readonly mutations: number;
  readonly rejections: number;
  readonly rowsWritten: number;
  readonly wakeUps: {
    readonly message: number;
    readonly connect: number;
    readonly close: number;
    readonly alarm: number;
    readonly call: number;
  };
}

const LISTED = 2_000;
const ids = v.pipe(v.array(id), v.maxLength(LISTED));
const totals = strictFields({
  ...{ size: whole(1), buried: count, uncounted: ids, more: v.boolean(), large: v.boolean(), doomed: ids },
  search: v.nullable(strictFields({ until: count, after: v.union([v.literal(""), id]), again: v.boolean() })),
});
const wakeUps = strictFields({ message: count, connect: count, close: count, alarm: count, call: count });
const counters = strictFields({
  ...{ commits: count, mutations: count, rejections: count, rowsWritten: count },
  wakeUps,
});
const kept = strictFields({ salt: whole(0, 0xffff_ffff), historyFrom: whole(1), totals, counters });
const pastFields = strictFields({
  ...{ createdAt: count, seq: count, time: count, kept: v.nullable(kept) },
  versions: v.pipe(
    v.array(version),
    v.maxLength(LIMITS.versions + LIMITS.automaticVersions, tooLong),
    v.check((all) => isEachOnce(all.map((each) => each.id)), "have an id twice"),
    v.check((all) => isEachOnce(all.flatMap((each) => each.name ?? [])), "have a name twice"),
  ),
});
const past = v.pipe(
  pastFields,
  // What is to be done again has them.
  v.check((all) => all.kept === null || all.versions.every(({ seq }) => seq <= all.seq), "has versions yet to come"),
);
const head = strictFields({
  ...{ version: whole(1), schema: whole(1), root: id, options: v.unknown(), past: v.nullable(past) },
});

function isEachOnce(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

export function decodeCopyHead(input: unknown): Result<CopyHead> {
  const decoded = parse(head, input, "invalid", "", "the head");
  if (!decoded.ok) return decoded;
  const { options, ...rest } = decoded.value;
  return chain(decodeOptions(options), (given) =>
    given.storage === "memory"
      ? failure("invalid", "options.storage: what is copied is stored")
      : success({ ...rest, options: withOptions(DEFAULT_OPTIONS, given) }),
  );
}
