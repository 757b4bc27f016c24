import * as v from "valibot";
import type { ConflictPolicy } from "../tree/index.ts";
import { parse, strictFields, whole } from "./decode.ts";
import { failure, type Result, success } from "./errors.ts";
import { isPlainObject } from "./json.ts";
import { LIMITS } from "./limits.ts";

/** How one document lives. Times are milliseconds. */
export interface DocumentOptions {
  /** How long the document stays in memory after the last subscriber is gone. */
  readonly gracePeriod: number;
  /** From the first change to the checkpoint; null: only at the end of grace and when the log outgrows its bound. */
  readonly snapshotInterval: number | null;
  /** How often dead subscribers are looked for; the pause doubles while nothing happens. Null: never. */
  readonly sweepInterval: number | null;
  /** How long events, and what they removed, are kept; null: for ever. */
  readonly historyRetention: number | null;
  /** How many events are kept, and how many bytes of them, where what was committed before them may go; null: any number. */
  readonly historyMaxEvents: number | null;
  readonly historyMaxBytes: number | null;
  /** How many versions are noted by rule, each the state in which the document was left for an hour; 0: none. */
  readonly automaticVersions: number;
  /** What may be stored of it, in bytes: past that only what removes is accepted. */
  readonly maxBytes: number;
  readonly conflicts: ConflictPolicy;
  /** Whether events are logged before anyone hears of them. False: the tree alone is stored, at each checkpoint. */
  readonly documentStorage: boolean;
  /** `memory`: the document is gone when its object sleeps. Chosen at creation, for good. */
  readonly storage: "sqlite" | "memory";
  /** Whether a join makes the document where there is none. */
  readonly create: Creation;
}

/**
 * `first`: a join by who may write makes a document, unless it has held an earlier life of it, which was deleted. `join`: then,
 * too. `explicit`: none does.
 */
export type Creation = "first" | "join" | "explicit";

export const DEFAULT_OPTIONS: DocumentOptions = {
  gracePeriod: 30_000,
  snapshotInterval: 60_000,
  sweepInterval: 60_000,
  historyRetention: null,
  historyMaxEvents: null,
  historyMaxBytes: null,
  automaticVersions: 0,
  maxBytes: 1_000_000_000,
  conflicts: "resolve",
  documentStorage: true,
  storage: "sqlite",
  create: "first",
};

/** Some of the options. One that is undefined is not there. */
export type OptionsInput = { readonly [Name in keyof DocumentOptions]?: DocumentOptions[Name] | undefined };

const time = (least: number, most: number = LIMITS.longestWait) => {
  const wrong = `must be whole milliseconds from ${least} to ${most}`;
  return v.pipe(v.number(wrong), v.safeInteger(wrong), v.minValue(least, wrong), v.maxValue(most, wrong));
};
const bytes = (least: number, most: number) => {
  const wrong = `must be whole bytes from ${least} to ${most}`;
  return v.pipe(v.number(wrong), v.safeInteger(wrong), v.minValue(least, wrong), v.maxValue(most, wrong));
};
const oneOf = <const T extends readonly string[]>(...values: T) =>
  v.picklist(values, `must be one of ${values.join(", ")}`);
const schema = strictFields({
  gracePeriod: v.optional(time(0)),
  snapshotInterval: v.optional(v.nullable(time(LIMITS.shortestInterval))),
  sweepInterval: v.optional(v.nullable(time(LIMITS.shortestSweep))),
  historyRetention: v.optional(v.nullable(time(0, LIMITS.longestRetention))),
  historyMaxEvents: v.optional(v.nullable(whole(0))),
  historyMaxBytes: v.optional(v.nullable(bytes(0, LIMITS.mostBytes))),
  automaticVersions: v.optional(whole(0, LIMITS.automaticVersions)),
  maxBytes: v.optional(bytes(LIMITS.leastBytes, LIMITS.mostBytes)),
  conflicts: v.optional(oneOf("resolve", "reject")),
  documentStorage: v.optional(v.boolean("must be true or false")),
  storage: v.optional(oneOf("sqlite", "memory")),
  create: v.optional(oneOf("first", "join", "explicit")),
});

/** Decodes options as `PUT` and `getOrStart` take them; the problem names the field. */
export function decodeOptions(input: unknown): Result<OptionsInput> {
  return parse(schema, input, "invalid", "options");
}

/** Decodes what a document's options are to be changed to: all but `storage`. */
export function decodeOptionsChange(input: unknown): Result<OptionsInput> {
  const body = parse(strictFields({ options: v.unknown() }), input, "invalid", "", "the body");
  if (!body.ok) return body;
  const options = decodeOptions(body.value.options);
  if (options.ok && options.value.storage !== undefined) {
    return failure("invalid", "options.storage: is chosen when the document is created, and stays");
  }
  return options;
}

/** The options of new documents, as `wrangler.toml` has them: `"none"` stands for null, which TOML cannot say. */
export function decodeDefaults(input: unknown): Result<DocumentOptions> {
  if (input === undefined) return success(DEFAULT_OPTIONS);
  const values = isPlainObject(input)
    ? Object.fromEntries(Object.entries(input).map(([name, value]) => [name, value === "none" ? null : value]))
    : input;
  const decoded = decodeOptions(values);
  return decoded.ok ? success(withOptions(DEFAULT_OPTIONS, decoded.value)) : decoded;
}

export function withOptions(options: DocumentOptions, changes: OptionsInput): DocumentOptions {
  const either = <T>(change: T | undefined, old: T): T => (change === undefined ? old : change);
  return {
    gracePeriod: either(changes.gracePeriod, options.gracePeriod),
    snapshotInterval: either(changes.snapshotInterval, options.snapshotInterval),
    sweepInterval: either(changes.sweepInterval, options.sweepInterval),
    historyRetention: either(changes.historyRetention, options.historyRetention),
    historyMaxEvents: either(changes.historyMaxEvents, options.historyMaxEvents),
    historyMaxBytes: either(changes.historyMaxBytes, options.historyMaxBytes),
    automaticVersions: either(changes.automaticVersions, options.automaticVersions),
    maxBytes: either(changes.maxBytes, options.maxBytes),
    conflicts: either(changes.conflicts, options.conflicts),
    documentStorage: either(changes.documentStorage, options.documentStorage),
    storage: either(changes.storage, options.storage),
    create: either(changes.create, options.create),
  };
}

/** Whether some of the history may go. */
export function limitsHistory({ historyRetention, historyMaxEvents, historyMaxBytes }: DocumentOptions): boolean {
  return historyRetention !== null || historyMaxEvents !== null || historyMaxBytes !== null;
}
