import { applyChanges, createBridge } from "../../src/text/index.ts";
import {
  type Attrs,
  type ConflictPolicy,
  createKeeper,
  createPlaces,
  decideText,
  type Effect,
  fromData,
  type Inverse,
  type MapStore,
  mergeUpdate,
  mutate,
  type NodeData,
  type NodeId,
  type Operation,
  PROVENANCE,
  type Receipts,
  stepsOf,
  type TextSight,
  type Verdict,
} from "../../src/tree/index.ts";
import type { Anchors } from "../../src/tree/operations.ts";
import { fromOutline, PLAIN, recordsText, treeText } from "./outline.ts";

/** Of every document here: what is gone hangs together by it, so that another one makes other records. */
export const SALT = 20_261_127;

export interface DocumentEvent extends Receipts {
  readonly seq: number;
  readonly author: string;
  readonly ops: readonly Effect[];
  readonly inverse: readonly Inverse[];
}

export interface Stance {
  /** The seq that the author had applied; absent: everything. */
  readonly base?: number | undefined;
  readonly conflicts?: ConflictPolicy | undefined;
  readonly newId?: (() => NodeId) | undefined;
  readonly attrsProblem?: ((attrs: Attrs) => string | null) | undefined;
  readonly maxDepth?: number | undefined;
  /** How a removal finds what its author has not seen; absent: it looks through the branch (C14). */
  readonly unseenPlaced?: (() => readonly NodeId[] | null) | undefined;
  /** How many nodes may be looked at for that. */
  readonly looks?: number | undefined;
}

/** A document as the object keeps it: a store with tombstones and places, and what was committed to it. */
export interface TestDocument {
  readonly store: MapStore;
  readonly events: DocumentEvent[];
  /** One mutation by `author`; accepted, it takes the next seq if it changes anything (T12). */
  by(author: string, operations: Operation | readonly Operation[], stance?: Stance): Verdict;
  /** Every record as text. */
  text(): string;
  /** What time travel restores of them, as text. */
  tree(): string;
}

/**
 * Opens a document with this tree, given as nested data or as an outline of ids. Without places its store is like one that
 * a client has: where removed nodes and moved ones stood is not known in it, as their neighbours alone tell.
 */
export function openDocument(start: NodeData | string, keepsPlaces = true): TestDocument {
  const data = typeof start === "string" ? fromOutline(start) : start;
  const store = keepsPlaces ? fromData(data, noNewId, createPlaces(SALT), PROVENANCE) : fromData(data, noNewId);
  const events: DocumentEvent[] = [];
  /** What an author has not seen of texts, and what these were for it. */
  const sightOf = (base: number, author: string): TextSight => {
    const bridge = createBridge();
    const later = events.slice(base);
    for (const { seq, author: by, ops, inverse } of later) {
      const steps = stepsOf(ops, inverse);
      if (by === author) for (const step of steps) bridge.take(step);
      else bridge.add(seq, steps);
    }
    const seen = (id: NodeId, attr: string) => {
      const back = later.toReversed().flatMap(({ inverse }) => inverse.filter((each) => each.op === "edit"));
      const own = back.filter((each) => each.id === id && each.attr === attr);
      const now = store.get(id)?.attrs[attr];
      if (own.length === 0 || typeof now !== "string") return undefined;
      return own.reduce((text, { changes }) => applyChanges(text, changes), now);
    };
    return Object.assign(bridge, { seen });
  };
  return {
    store,
    events,
    by(author, operations, stance = {}) {
      const {
        base,
        newId = noNewId,
        maxDepth = Number.POSITIVE_INFINITY,
        unseenPlaced: placed,
        looks,
        ...rest
      } = stance;
      const unseen = placed && { placed, placedSince: () => null, updated: () => [] };
      const keeper = createKeeper(maxDepth, unseen, looks === undefined ? undefined : { left: looks, met: new Set() });
      const seq = events.length + 1;
      const list = "op" in operations ? [operations] : operations;
      const texts = {
        decide: decideText,
        merge: mergeUpdate,
        ...(base !== undefined && { sight: sightOf(base, author) }),
      };
      const verdict = mutate(store, list, { seq, newId, sees: seesFrom(base, author, events), keeper, texts, ...rest });
      if (verdict.ok && verdict.ops.length > 0) {
        events.push({ seq, author, ops: verdict.ops, inverse: verdict.inverse, ...verdict.receipts });
      }
      return verdict;
    },
    text: () => recordsText(store.size, store.records()),
    tree: () => treeText(store, store.records()),
  };
}

/** "Has seen" as docs/spec.md says it: not above the base, or by the same client; without a base, everything. */
export function seesFrom(
  base: number | undefined,
  author: string,
  events: readonly { readonly author: string }[],
): ((seq: number) => boolean) | undefined {
  if (base === undefined) return undefined;
  return (seq) => seq <= base || events[seq - 1]?.author === author;
}

/** The nodes that events placed which an author has not seen, as whoever keeps the events finds them. */
export function unseenPlaced(
  base: number | undefined,
  author: string,
  events: readonly DocumentEvent[],
): readonly NodeId[] {
  const sees = seesFrom(base, author, events);
  const unseen = events.filter(({ seq }) => sees && !sees(seq)).flatMap(({ ops }) => ops);
  const ids = unseen.flatMap((effect) =>
    effect.op === "insert" ? effect.node.id : effect.op === "move" ? effect.id : [],
  );
  return [...new Set(ids)];
}

export function noNewId(): never {
  throw new Error("this test gives every id");
}

export function insert(
  id: NodeId,
  parent: NodeId,
  anchors: Anchors = {},
  children: readonly NodeData[] = [],
): Operation {
  const node = { id, type: PLAIN, ...(children.length > 0 && { children }) };
  return { op: "insert", node, parent, ...anchors };
}

export function move(id: NodeId, parent: NodeId, anchors: Anchors = {}): Operation {
  return { op: "move", id, parent, ...anchors };
}

export function update(id: NodeId, attrs: Attrs, unset?: readonly string[]): Operation {
  return { op: "update", id, attrs, ...(unset && { unset }) };
}

export function remove(id: NodeId): Operation {
  return { op: "remove", id };
}

/** A plain node as data. */
export function item(id: NodeId, ...children: NodeData[]): NodeData {
  return { id, type: PLAIN, ...(children.length > 0 && { children }) };
}

/** What a mutation was told: the receipts, or the refusal without its message. */
export function answer(verdict: Verdict): object {
  if (verdict.ok) return verdict.receipts;
  const { code, op, seq } = verdict;
  return { code, op, ...(seq !== undefined && { seq }) };
}
