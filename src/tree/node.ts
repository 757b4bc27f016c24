/** A JSON value as it stands in an attribute. Limits on depth and size are the protocol's. */
export type Json = null | boolean | number | string | JsonArray | JsonObject;
// Interfaces and not literal types: the RPC types of the platform expand the latter without end (TS2589).
export interface JsonArray extends ReadonlyArray<Json> {}
export interface JsonObject {
  readonly [key: string]: Json;
}

/** 1–128 characters of `A–Z a–z 0–9 . _ ~ : -`, chosen by whoever inserts the node. */
export type NodeId = string;

/** The flat attributes of a node. Never written in place: an update makes a new object. */
export type Attrs = JsonObject;

/**
 * A node as a store keeps it: content, place, and two marks.
 *
 * `prev` and `next` are siblings, `first` and `last` children. `placed` is the seq that last inserted or moved the
 * node; `removed` is the seq that removed it, or null. A removed node keeps `parent`, `prev` and `next` as they were,
 * so that "where it stood" is known, and keeps its children linked, so that it can be restored whole.
 */
export interface NodeRecord {
  readonly id: NodeId;
  type: string;
  attrs: Attrs;
  parent: NodeId | null;
  prev: NodeId | null;
  next: NodeId | null;
  first: NodeId | null;
  last: NodeId | null;
  placed: number;
  removed: number | null;
}

/** A node as plain nested data, in and out. Without an id one is generated; empty `attrs` and `children` are left out. */
export interface NodeData {
  readonly id?: NodeId | undefined;
  readonly type: string;
  readonly attrs?: Attrs | undefined;
  readonly children?: readonly NodeData[] | undefined;
}

/** A live node of a snapshot: `[id, parent, prev, type, attrs]`. Rows may come in any order. */
export type NodeRow = readonly [id: NodeId, parent: NodeId | null, prev: NodeId | null, type: string, attrs: Attrs];

export const NO_ATTRS: Attrs = Object.freeze({});

/** A record of a node that stands nowhere yet. */
export function newRecord(id: NodeId, type: string, attrs: Attrs, placed: number): NodeRecord {
  return { id, type, attrs, parent: null, prev: null, next: null, first: null, last: null, placed, removed: null };
}
