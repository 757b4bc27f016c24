import {
  type Attrs,
  type ConflictPolicy,
  type Effect,
  fromData,
  type Inverse,
  type MapStore,
  mutate,
  type NodeData,
  type NodeId,
  type Operation,
  type Receipts,
  type Verdict,
} from "../../src/tree/index.ts";
import type { Anchors } from "../../src/tree/operations.ts";
import { fromOutline, PLAIN, recordsText } from "./outline.ts";

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
}

/** A document as the object keeps it: a store with tombstones, and what was committed to it. */
export interface TestDocument {
  readonly store: MapStore;
  readonly events: DocumentEvent[];
  /** One mutation by `author`; accepted, it takes the next seq. */
  by(author: string, operations: Operation | readonly Operation[], stance?: Stance): Verdict;
  /** Every record as text. */
  text(): string;
}

/** Opens a document with this tree, given as nested data or as an outline of ids. */
export function openDocument(start: NodeData | string): TestDocument {
  const store = fromData(typeof start === "string" ? fromOutline(start) : start, noNewId);
  const events: DocumentEvent[] = [];
  return {
    store,
    events,
    by(author, operations, { base, conflicts, newId = noNewId, attrsProblem } = {}) {
      const seq = events.length + 1;
      const list = "op" in operations ? [operations] : operations;
      const sees = seesFrom(base, author, events);
      const verdict = mutate(store, list, { seq, newId, sees, conflicts, attrsProblem });
      if (verdict.ok) events.push({ seq, author, ops: verdict.ops, inverse: verdict.inverse, ...verdict.receipts });
      return verdict;
    },
    text: () => recordsText(store.size, store.records()),
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

function noNewId(): never {
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
