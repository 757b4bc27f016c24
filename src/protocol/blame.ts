import * as v from "valibot";
import type { NodeId } from "../tree/index.ts";
import { attrKey, count, id, parse, parseJson, strictFields, whole } from "./decode.ts";
import { chain, failure, type Result, success } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** Asks who has made what stands in a node. */
export interface BlameQuery {
  readonly node: NodeId;
  /** Only this text; left out: all texts whose last change was an edit. */
  readonly attr?: string | undefined;
  /** Only these units of it, from one place to another. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The `next` of the page before. */
  readonly before?: BlameCursor | undefined;
}

/** Who has done something, and when. Unix milliseconds. */
export interface Doer {
  readonly seq: number;
  readonly time: number;
  readonly userId: string | null;
  readonly client: string | null;
}

/** Who has made something: an event; one before `before`, which the history does not have, or nobody, as the document began so; null: not found yet. */
export type Made = Doer | { readonly before: number } | null;

/** The units of a text from `from` up to `to`. Of what its author has typed without a longer pause `first` is the first event, `seq` the last. */
export type BlameRun = { readonly from: number; readonly to: number } & (
  | (Doer & { readonly first?: number })
  | { readonly before: number }
  | { readonly seq: null }
);

export interface BlamePage {
  /** The document was at this seq when the first page was made: places in texts are of then. */
  readonly seq: number;
  readonly node: NodeId;
  readonly inserted?: Made;
  /** Left out where it stands where it was inserted. */
  readonly moved?: Made;
  readonly removed?: Made;
  /** Left out where it has the type that it was inserted with. */
  readonly type?: Made;
  /** By attribute, who has written it last, or has taken it away. */
  readonly attrs: Readonly<Record<string, Made>>;
  readonly texts: Readonly<Record<string, readonly BlameRun[]>>;
  readonly more: boolean;
  /** To be passed as `before`, as long as there is more; a later page tells only what was not found yet. */
  readonly next: string | null;
}

/** Units of a text as it was right before `at`, and where they stand in the one that is asked about: [at, length, to]. */
export type Pieces = readonly (readonly [at: number, length: number, to: number])[];

/** What is still to be found out. */
export interface BlameCursor {
  readonly seq: number;
  /** All events from here on were looked at. */
  readonly at: number;
  readonly wanted: boolean;
  /** For each node the event by which it came to where it was then, null where that is not known. */
  readonly nodes: readonly (readonly [id: NodeId, placed: number | null])[];
  /** For each text the event that wrote it last, null where that is not known, 0 where it is the node's first. */
  readonly texts: readonly (readonly [id: NodeId, attr: string, last: number | null, pieces: Pieces])[];
  /** What an event has deleted and another one brought back stood there before that, and before its part of this number. */
  readonly asleep: readonly (readonly [seq: number, part: number, id: NodeId, attr: string, pieces: Pieces])[];
  readonly attrs: readonly (readonly [key: string, seq: number])[];
}

const seq = whole(0, Number.MAX_SAFE_INTEGER);
const seqOrNull = v.nullable(seq);
const some = LIMITS.blamePieces;
const list = <const S extends v.GenericSchema>(item: S) => v.pipe(v.array(item), v.maxLength(some, "is too long"));
const unit = whole(0, LIMITS.bodyBytes);
const pieces = list(v.strictTuple([unit, unit, unit]));
const cursor = strictFields({
  seq,
  at: seq,
  wanted: v.boolean(),
  nodes: list(v.strictTuple([id, seqOrNull])),
  texts: list(v.strictTuple([id, attrKey, seqOrNull, pieces])),
  asleep: list(v.strictTuple([seq, count, id, attrKey, pieces])),
  attrs: list(v.strictTuple([attrKey, seq])),
});
const query = strictFields({
  node: id,
  attr: v.optional(attrKey),
  from: v.optional(unit),
  to: v.optional(unit),
  before: v.optional(v.string()),
});

export function decodeBlameQuery(input: unknown): Result<BlameQuery> {
  return chain(parse(query, input, "invalid", "", "the query"), ({ before, ...asked }) => {
    if (asked.attr === undefined && (asked.from !== undefined || asked.to !== undefined))
      return failure("invalid", "from and to are of a text: name its attr");
    if (before === undefined) return success(asked);
    if (before.length > LIMITS.blameCursor) return failure("tooLarge", "before: is longer than any that is given");
    const read = chain(parseJson(before, "invalid"), (data) => parse(cursor, data, "invalid", "before", "before"));
    return chain(read, (value) => success({ ...asked, before: value }));
  });
}
