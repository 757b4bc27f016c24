import * as v from "valibot";
import type { Ghost, Order, Past, Spot } from "../tree/index.ts";
import { attrKey, attrs, changes, checked, count, id, name, parse, strictFields, whole } from "./decode.ts";
import { failure, type Result } from "./errors.ts";
import { attrsProblem, isPlainObject, jsonProblem } from "./json.ts";
import { LIMITS } from "./limits.ts";

// The rows of a backup (docs/history.md): it may have been anywhere, and anybody may have written it.

/** As in `T`: what a node has anew and nobody looks at would be refused in every backup that has it. */
type FieldsOf<T> = { readonly [Key in keyof Required<T>]: v.GenericSchema };

/** A removed node by its id, or what a node left where it was moved away from. */
const gone = v.pipe(
  v.string(),
  v.regex(/^(\^(\d{1,16}(\/\d{1,16})?\^)?)?[A-Za-z0-9._~:-]{1,128}$/, "names nothing that is gone"),
);
const spot = strictFields({
  ...{ up: v.nullable(gone), left: v.nullable(gone), right: v.nullable(gone), behind: v.nullable(id) },
} satisfies FieldsOf<Spot>);
const ghost = strictFields({
  ...{ parent: id, since: count, of: v.optional(count), spot },
  ...{ away: v.optional(v.literal(true)), dated: v.optional(v.literal(true)) },
} satisfies FieldsOf<Ghost>);
const MOST_GHOSTS = 64;
const order = strictFields({
  ...{ gap: v.nullable(gone), lead: v.nullable(gone), spot: v.nullable(spot), counted: count },
  ghosts: v.pipe(v.array(ghost), v.maxLength(MOST_GHOSTS)),
} satisfies FieldsOf<Order>);
const written = checked<Readonly<Record<string, number>>>((value) => {
  if (!isPlainObject(value)) return "must be an object";
  return Object.entries(value).every(([key, seq]) => v.is(attrKey, key) && v.is(count, seq)) ? null : "must have seqs";
});
/** Longer than any is. */
const LISTED = 100_000;
const list = <const T extends v.GenericSchema>(of: T) => v.pipe(v.array(of), v.maxLength(LISTED));
const run = v.strictTuple([count, count, count]);
const earlierRun = v.strictTuple([count, count]);
const home = strictFields({
  ...{ parent: id, after: v.optional(v.nullable(id)), before: v.optional(v.nullable(id)), stays: v.optional(count) },
});
const past = strictFields({
  ...{ place: v.optional(count), left: v.optional(count), type: v.optional(count), forgotten: v.optional(count) },
  undone: v.optional(list(v.union([run, earlierRun]))),
  redone: v.optional(list(run)),
  home: v.optional(home),
  guests: v.optional(list(id)),
  removers: v.optional(list(whole(-Number.MAX_SAFE_INTEGER))),
  holds: v.optional(count),
  graves: v.optional(list(v.strictTuple([count, id, id]))),
} satisfies FieldsOf<Past>);
/** Documents of before 2026-11-27 say that of their roots. */
const HIGHEST = 1_024;
const link = v.nullable(id);
const nodeRow = v.strictTuple([
  ...([id, name, attrs, link, link, link, link, link, count, v.nullable(count)] as const),
  ...([
    whole(0, HIGHEST),
    v.nullable(order),
    v.nullable(v.strictTuple([v.nullable(written), v.nullable(past)])),
  ] as const),
]);

export type NodeColumns = v.InferOutput<typeof nodeRow>;

export function decodeNodeRow(input: unknown): Result<NodeColumns> {
  const decoded = parse(nodeRow, input, "invalid", "node");
  if (!decoded.ok) return decoded;
  const problem = attrsProblem(decoded.value[2]);
  return problem ? failure("tooLarge", problem) : decoded;
}

const eventRow = v.strictTuple([whole(1), count, whole(1), count, v.string()]);

/** A part of what was committed at once: the seqs of its first and last event, which part it is, the time, and its text. */
export type EventColumns = v.InferOutput<typeof eventRow>;

export const decodeEventRow = (input: unknown): Result<EventColumns> => parse(eventRow, input, "invalid", "event");

const user = v.nullable(v.pipe(v.string(), v.maxLength(LIMITS.userIdLength)));
/** 16 times what is kept. */
const SAVED_LENGTH = 256 * 1024;
const clientRow = v.strictTuple([id, user, count, count, v.pipe(v.string(), v.maxLength(SAVED_LENGTH))]);
const answer = checked<object>((value) =>
  isPlainObject(value) && v.is(whole(1), value.mutation) ? jsonProblem(value) : "must be an answer to a mutation",
);
const answers = v.pipe(v.array(answer), v.maxLength(LIMITS.answersKept));
const accepted = strictFields({ runs: v.pipe(v.array(run), v.maxLength(MOST_GHOSTS)), more: v.boolean() });
const saved = v.union([answers, strictFields({ answers, accepted })]);

export function decodeClientRow(input: unknown): Result<v.InferOutput<typeof clientRow>> {
  const decoded = parse(clientRow, input, "invalid", "client");
  if (!decoded.ok) return decoded;
  return isSaved(decoded.value[4]) ? decoded : failure("invalid", "client: what is kept of its answers is none");
}

function isSaved(text: string): boolean {
  try {
    return v.is(saved, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const who = v.nullable(id);
/** Of all that the log says of an effect what is walked along, counted with, or looked up. */
const seq = v.optional(count);
const kept = { undo: seq, redo: seq, stands: seq, left: seq, home: v.optional(home) };
const content = { attrs: v.optional(v.record(v.string(), v.unknown())), type: v.optional(name) };
const insert = v.looseObject({
  ...{
    op: v.literal("insert"),
    node: v.looseObject({ id, type: name, attrs: content.attrs }),
    parent: id,
    after: v.optional(link),
  },
  ...kept,
});
const move = v.looseObject({ op: v.literal("move"), id, parent: id, after: v.optional(link), ...kept });
const update = v.looseObject({
  ...{ op: v.literal("update"), id, ...content, unset: v.optional(v.array(attrKey)) },
  ...{ undo: seq, redo: seq },
});
const remove = v.looseObject({ op: v.literal("remove"), id });
const edit = v.looseObject({
  ...{ op: v.literal("edit"), id, attr: attrKey, changes, undo: seq, redo: seq, stands: seq },
  split: v.optional(v.looseObject({ at: count, length: count, node: id, onto: seq })),
  ...{ join: v.optional(v.looseObject({ into: id, at: count })), from: v.optional(id) },
});
const effect = v.variant("op", [insert, move, update, remove, edit]);
const seqs = v.optional(v.array(count));
const logged = v.looseObject({
  ...{ seq: whole(1), time: count, client: who, mutation: v.nullable(whole(1)), ops: v.array(effect) },
  ...{ userId: user, undoes: seqs, redoes: seqs },
});
const inverse = v.variant("op", [
  v.looseObject({
    ...remove.entries,
    was: v.optional(v.nullable(v.looseObject({ parent: id, prev: link, next: link }))),
  }),
  v.looseObject({ ...move.entries, was: v.optional(v.looseObject({ placed: count })) }),
  v.looseObject({ ...update.entries, was: v.optional(written), typed: seq }),
  v.looseObject({ op: v.literal("edit"), id, attr: attrKey, changes, was: seq }),
]);
const inverses = v.array(v.array(inverse));

/** What is wrong with events that are to be those of some seqs, and with what undoes each; null where nothing is. */
export function eventsProblem(
  events: unknown,
  undone: unknown,
  { first, last }: { readonly first: number; readonly last: number },
): string | null {
  const decoded = v.safeParse(v.array(logged), events);
  if (!decoded.success) return `events: ${decoded.issues[0].message}`;
  const isWhole = decoded.output.length === last - first + 1;
  if (!isWhole || decoded.output.some(({ seq }, index) => seq !== first + index))
    return "seqs do not follow each other";
  const lists = v.safeParse(inverses, undone);
  if (!lists.success || lists.output.length !== decoded.output.length) return "each event has what undoes it";
  return null;
}
