import {
  type BlameCursor,
  type BlamePage,
  type BlameQuery,
  type BlameRun,
  LIMITS,
  type LoggedEvent,
  type Made,
  type Pieces,
} from "../protocol/index.ts";
import { type Json, type NodeId, type NodeRecord, placedBy, seqIn } from "../tree/index.ts";
import type { StoredDocument } from "./document.ts";
import { insertedBy } from "./inserted-by.ts";
import { createPastReader, type PastReader } from "./past-reader.ts";
import { createMeter, type Slices } from "./slices.ts";
import { createTrail, doerOf, type Found, isPlain } from "./trail.ts";

/** What somebody types without a longer pause is one run. Milliseconds. */
const PAUSE = 5 * 60_000;

/** Who has made what stands in a node, or a page of that; null where there is no such node. */
export function* blamePage(
  document: StoredDocument,
  query: BlameQuery,
  most: number = LIMITS.pastPage,
): Slices<BlamePage | null> {
  const { node, attr, before } = query;
  const record = before ? undefined : document.nodes.get(node);
  if (!before && !record) return null;
  const meter = createMeter();
  const reader = createPastReader(document, meter, most);
  const at = (seq: number): Made => {
    const entry = reader.at(seq);
    return entry ? doerOf(entry) : { before: document.historyFrom };
  };
  const begun = record && beginning(document, record, query, reader);
  const { seq, attrs: unknown, ...from } = before ?? begun ?? NOTHING;
  const place = record ? placeOf(document, record, reader, at) : {};
  const attrs: Record<string, Made> = {};
  let rest: (readonly [string, number])[] = [];
  for (const [key, written] of unknown) {
    if (written === 0 || reader.isOver) rest.push([key, written]);
    else attrs[key] = at(written);
    if (meter.full()) yield;
  }
  const trail = createTrail(document, node, from, { reader, meter });
  const more = yield* trail.goBack();
  const { inserted } = trail;
  for (const [key, written] of rest) attrs[key] = written === 0 ? inserted : null;
  // What a later page finds it does not say twice.
  rest = rest.filter(([, written]) => written > 0 || inserted === null);
  if (before) for (const [key] of rest) delete attrs[key];
  const isMore = more || rest.length > 0;
  const cursor: BlameCursor = { seq, ...trail.rest, attrs: some(rest) };
  return {
    ...{ seq, node },
    ...((record || inserted) && { inserted }),
    ...place,
    attrs,
    texts: textsOf(trail.found, begun?.texts ?? [], attr === undefined ? unwritten(unknown) : []),
    more: isMore,
    next: isMore ? JSON.stringify(cursor) : null,
  };
}

/** As many attributes as a cursor takes. */
function some(attrs: BlameCursor["attrs"]): BlameCursor["attrs"] {
  let characters = LIMITS.blameCursor / 8;
  return attrs.filter((each) => {
    characters -= JSON.stringify(each).length + 1;
    return characters > 0;
  });
}

const NOTHING: BlameCursor = { seq: 0, at: 0, wanted: false, nodes: [], texts: [], asleep: [], attrs: [] };

/** Who has put a node where it stands, where that was not its insertion, given it its type, and removed it. */
function placeOf(
  document: StoredDocument,
  record: Readonly<NodeRecord>,
  reader: PastReader,
  at: (seq: number) => Made,
): Pick<BlamePage, "moved" | "type" | "removed"> {
  const placed = placedBy(record);
  const entry = reader.at(placed);
  const isInserted = entry && insertedBy(entry).has(record.id);
  const { past, removed } = record;
  return {
    // What was placed before the history begins was inserted there, for all that is known.
    ...(placed >= document.historyFrom && !isInserted && { moved: at(placed) }),
    ...(past?.type && { type: at(past.type) }),
    ...(removed !== null && { removed: at(removed) }),
  };
}

/** What is to be found out, to begin with. */
function beginning(
  document: StoredDocument,
  record: Readonly<NodeRecord>,
  { attr, from = 0, to = Number.POSITIVE_INFINITY }: BlameQuery,
  reader: PastReader,
): BlameCursor {
  const { id, attrs, written, placed } = record;
  const keys = attr === undefined ? new Set([...Object.keys(attrs), ...Object.keys(written ?? {})]) : [attr];
  const all = Array.from(keys, (key) => [key, seqIn(written, key) ?? 0] as const);
  const plain = isPlain(record);
  const texts = all.flatMap(([key, last]) => {
    const length = Math.min(to, textOf(attrs, key).length) - from;
    const isFollowed = length > 0 && (attr !== undefined || last === 0 || isEdited(reader, last, id, key));
    return isFollowed ? [[id, key, plain ? last : null, [[from, length, from]]] as const] : [];
  });
  return {
    ...{ seq: document.seq, at: document.seq + 1, wanted: true, asleep: [], attrs: all },
    nodes: [[id, plain ? placed : null]],
    texts,
  };
}

/** Whether an event was an edit of a text; so it is taken where it can't be looked at. */
function isEdited(reader: PastReader, seq: number, id: NodeId, attr: string): boolean {
  const entry: LoggedEvent | undefined = reader.isOver ? undefined : reader.at(seq);
  return entry?.ops.some((each) => each.op === "edit" && each.id === id && each.attr === attr) ?? true;
}

function textOf(attrs: Readonly<Record<string, Json>>, key: string): string {
  const value = Object.hasOwn(attrs, key) ? attrs[key] : undefined;
  return typeof value === "string" ? value : "";
}

/** Attributes that nobody has written since the node was inserted. */
function unwritten(attrs: BlameCursor["attrs"]): string[] {
  return attrs.flatMap(([key, seq]) => (seq === 0 ? [key] : []));
}

/** The runs of each text, and what lies between them. Of `plain` ones a single run says no more than who has inserted the node. */
function textsOf(
  found: readonly Found[],
  followed: BlameCursor["texts"],
  plain: readonly string[],
): Record<string, readonly BlameRun[]> {
  const wholes = new Map(followed.map(([, attr, , [whole]]) => [attr, whole]));
  const texts = new Map<string, Found[]>(followed.map(([, attr]) => [attr, []]));
  for (const each of found) {
    const known = texts.get(each.attr);
    if (known) known.push(each);
    else texts.set(each.attr, [each]);
  }
  const runs = Array.from(texts, ([attr, all]) => [attr, runsOf(all, wholes.get(attr))] as const);
  return Object.fromEntries(runs.filter(([attr, all]) => all.length > 1 || !plain.includes(attr)));
}

/** Where it is known which piece of the text they are of, what lies between is told, too. */
function runsOf(found: readonly Found[], whole: Pieces[number] | undefined): BlameRun[] {
  const runs: BlameRun[] = [];
  const fill = (to: number) => {
    const from = runs.at(-1)?.to ?? whole?.[0] ?? 0;
    if (whole && from < to) runs.push({ from, to, seq: null });
  };
  for (const { to: from, length: units, made } of found.toSorted((one, other) => one.to - other.to)) {
    fill(from);
    const last = runs.at(-1);
    const next: BlameRun = { from, to: from + units, ...made };
    const joined = last && last.to === from ? together(last, next) : null;
    if (joined) runs[runs.length - 1] = joined;
    else runs.push(next);
  }
  if (whole) fill(whole[0] + whole[1]);
  return runs;
}

/** Two runs that follow each other, where they are one. */
function together(one: BlameRun, other: BlameRun): BlameRun | null {
  const { from } = one;
  if ("before" in one || "before" in other) return "before" in one && "before" in other ? { ...other, from } : null;
  if (one.seq === null || other.seq === null) return null;
  const isSame = one.userId === other.userId && one.client === other.client;
  if (!isSame || Math.abs(one.time - other.time) > PAUSE) return null;
  const [early, late] = one.seq < other.seq ? [one, other] : [other, one];
  const first = Math.min(early.first ?? early.seq, late.first ?? late.seq);
  const seq = Math.max(one.seq, other.seq);
  return { ...late, from, to: other.to, seq, ...(first < seq && { first }) };
}
