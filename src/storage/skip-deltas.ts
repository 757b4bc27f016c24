import { applyChanges, type Changes, compose, keyOf } from "../text/index.ts";
import type { Attrs, Inverse, Json, NodeId, NodeRecord, ReadStore } from "../tree/index.ts";
import { ANY_NODE, type Meter, type Slices } from "./slices.ts";

// What many events together have changed from, as the net difference: 1 000 updates of one node are one. In version control such
// deltas over many revisions are called skip-deltas (Subversion, "skip-deltas" in its fs design notes).

/** What of a node is not its content. */
const FIELDS = ["type", "removed", "parent", "prev", "next", "first", "last", "placed"] as const;
type Fields = Partial<Pick<NodeRecord, (typeof FIELDS)[number]>>;

/** What an attribute was: a value, a text before some edits, or with neither nothing. */
interface AttrBefore {
  readonly key: string;
  readonly value?: Json;
  readonly changes?: Changes;
}

/** What a node was before, as far as that differs. */
export interface NodeBefore {
  readonly fields: Fields;
  readonly attrs: readonly AttrBefore[];
}

/** What leads from a later tree to an earlier one: null for nodes that were not there yet. */
export interface SkipDelta {
  readonly size: number;
  readonly buried: number;
  readonly nodes: ReadonlyMap<NodeId, NodeBefore | null>;
}

/** Follows the edits of texts while they are undone: they are less than the texts. */
export interface EditTrail {
  note(inverse: Inverse): void;
  noteStep(delta: SkipDelta): void;
  /** The edits of a text since the beginning in one; null where there was anything else, undefined where there was nothing. */
  of(id: NodeId, attr: string): Changes | null | undefined;
}

export function createEditTrail(): EditTrail {
  const trails = new Map<string, Changes | null>();
  const edited = (id: NodeId, attr: string, changes: Changes) => {
    const key = keyOf(id, attr);
    const before = trails.get(key);
    if (before !== null) trails.set(key, before ? compose(before, changes) : changes);
  };
  const replaced = (id: NodeId, attr: string) => void trails.set(keyOf(id, attr), null);
  return {
    note(inverse) {
      if (inverse.op === "edit") {
        if (inverse.missing) replaced(inverse.id, inverse.attr);
        else edited(inverse.id, inverse.attr, inverse.changes);
      } else if (inverse.op === "update") {
        const { id, attrs = {}, unset = [] } = inverse;
        for (const attr of [...Object.keys(attrs), ...unset]) replaced(id, attr);
      }
    },
    noteStep({ nodes }) {
      for (const [id, before] of nodes) {
        for (const { key, changes } of before?.attrs ?? NOTHING) {
          if (changes) edited(id, key, changes);
          else replaced(id, key);
        }
      }
    },
    of: (id, attr) => trails.get(keyOf(id, attr)),
  };
}

const NOTHING: NodeBefore["attrs"] = [];

/** Of more nodes there is no delta: it would be larger than a row, and take too long to be written. */
const MOST_NODES = 40_000;

/** What leads from `later` to `earlier`, which differ in these nodes; null where that is too many. */
export function* deltaBetween(
  later: ReadStore,
  earlier: ReadStore,
  changed: readonly NodeId[],
  edits: EditTrail,
  meter: Meter,
): Slices<SkipDelta | null> {
  if (changed.length > MOST_NODES) return null;
  const nodes = new Map<NodeId, NodeBefore | null>();
  for (const id of changed) {
    meter.add(2 * ANY_NODE);
    if (meter.full()) yield;
    const [now, was] = [later.get(id), earlier.get(id)];
    if (!now) continue;
    const before = was ? beforeOf(now, was, edits) : null;
    if (!before || Object.keys(before.fields).length > 0 || before.attrs.length > 0) nodes.set(id, before);
  }
  return { size: earlier.size - later.size, buried: earlier.buried - later.buried, nodes };
}

function beforeOf(now: Readonly<NodeRecord>, was: Readonly<NodeRecord>, edits: EditTrail): NodeBefore {
  const fields: Fields = {};
  for (const field of FIELDS) if (now[field] !== was[field]) Object.assign(fields, { [field]: was[field] });
  const attrs: AttrBefore[] = [];
  if (now.attrs === was.attrs) return { fields, attrs };
  for (const [key, value] of Object.entries(was.attrs)) {
    const current = Object.hasOwn(now.attrs, key) ? now.attrs[key] : undefined;
    if (current === value) continue;
    const changes = typeof current === "string" && typeof value === "string" ? edits.of(now.id, key) : null;
    attrs.push(changes ? { key, changes } : { key, value });
  }
  for (const key of Object.keys(now.attrs)) if (!Object.hasOwn(was.attrs, key)) attrs.push({ key });
  return { fields, attrs };
}

/** One step back after the other, as texts, in one; null where that is too large. */
export function* composeDeltas(bodies: readonly string[], meter: Meter): Slices<SkipDelta | null> {
  const nodes = new Map<NodeId, NodeBefore | null>();
  let [size, buried] = [0, 0];
  for (const body of bodies) {
    const delta = readDelta(body);
    for (const [id, before] of delta.nodes) nodes.set(id, composeNode(nodes.get(id), before));
    size += delta.size;
    buried += delta.buried;
    if (nodes.size > MOST_NODES) return null;
    meter.add(3 * body.length);
    if (meter.full()) yield;
  }
  return { size, buried, nodes };
}

export function composeNode(first: NodeBefore | null | undefined, second: NodeBefore | null): NodeBefore | null {
  // What was not there yet was not there before either.
  if (first === null || second === null) return null;
  if (!first) return second;
  return { fields: { ...first.fields, ...second.fields }, attrs: composeAttrs(first.attrs, second.attrs) };
}

function composeAttrs(first: NodeBefore["attrs"], second: NodeBefore["attrs"]): NodeBefore["attrs"] {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const attrs = new Map(first.map((was) => [was.key, was]));
  for (const was of second) attrs.set(was.key, composeAttr(attrs.get(was.key), was));
  return [...attrs.values()];
}

function composeAttr(first: AttrBefore | undefined, second: AttrBefore): AttrBefore {
  const { key, changes } = second;
  if (!changes || !first) return second;
  if (first.changes) return { key, changes: compose(first.changes, changes) };
  return typeof first.value === "string" ? { key, value: applyChanges(first.value, changes) } : first;
}

/** A record as it was. */
export function backTo(record: Readonly<NodeRecord>, { fields, attrs }: NodeBefore): NodeRecord {
  const back: NodeRecord = { ...record, ...fields };
  if (attrs.length > 0) back.attrs = attrsBack(record.attrs, attrs);
  return back;
}

/** The nodes that a delta changes, and those that they stand beside then. */
export function* namedIn({ nodes }: SkipDelta): Generator<NodeId> {
  for (const [id, before] of nodes) {
    if (!before) continue;
    yield id;
    const { parent, prev, next, first, last } = before.fields;
    for (const beside of [parent, prev, next, first, last]) if (beside) yield beside;
  }
}

function attrsBack(now: Attrs, before: NodeBefore["attrs"]): Attrs {
  const attrs = new Map(Object.entries(now));
  for (const { key, value, changes } of before) {
    if (changes) {
      const text = attrs.get(key);
      if (typeof text === "string") attrs.set(key, applyChanges(text, changes));
    } else if (value === undefined) attrs.delete(key);
    else attrs.set(key, value);
  }
  return Object.fromEntries(attrs);
}

type WrittenNode = readonly [id: NodeId, fields: Fields, attrs: readonly AttrBefore[]];
interface WrittenDelta {
  readonly size: number;
  readonly buried: number;
  /** Nodes that were not there yet. */
  readonly gone: readonly NodeId[];
  readonly nodes: readonly WrittenNode[];
}

/** Lists and not objects: ids and keys may be called like what every object has. */
export function deltaText({ size, buried, nodes }: SkipDelta): string {
  const gone: NodeId[] = [];
  const written: WrittenNode[] = [];
  for (const [id, before] of nodes) {
    if (!before) gone.push(id);
    else written.push([id, before.fields, before.attrs]);
  }
  return JSON.stringify({ size, buried, gone, nodes: written } satisfies WrittenDelta);
}

export function readDelta(text: string): SkipDelta {
  const { size, buried, gone, nodes: written }: WrittenDelta = JSON.parse(text);
  const nodes = new Map<NodeId, NodeBefore | null>();
  for (const id of gone) nodes.set(id, null);
  for (const [id, fields, attrs] of written) nodes.set(id, { fields, attrs });
  return { size, buried, nodes };
}
