import type { Json, JsonArray, JsonObject } from "../text/index.ts";

export type { Json, JsonArray, JsonObject };

/** 1–128 characters of `A–Z a–z 0–9 . _ ~ : -`, chosen by whoever inserts the node. */
export type NodeId = string;

/** The flat attributes of a node. Never written in place: an update makes a new object. */
export type Attrs = JsonObject;

/**
 * A node as a store keeps it: content, place, marks.
 *
 * `prev` and `next` are its live siblings, `first` and `last` its live children. `placed` is the seq that last inserted,
 * moved or restored the node; `removed` is the seq that removed it, or null. The mark stands on the topmost node alone: what
 * is below a removed node is removed because it is below (`above.ts`), and stays linked there, so that removing and
 * restoring cost the same for a leaf and for a branch of a million. `height` is how many levels there have ever been below.
 */
export interface NodeRecord {
  readonly id: NodeId;
  type: string;
  attrs: Attrs;
  removed: number | null;
  parent: NodeId | null;
  prev: NodeId | null;
  next: NodeId | null;
  first: NodeId | null;
  last: NodeId | null;
  placed: number;
  height: number;
  /** What is gone around it, in a store that keeps that. Never written in place. */
  order: Order | null;
  /** By attribute, the seq of the event whose value stands; none where that is the node's first. Never written in place. */
  written: Written | null;
  /** What undo asks of a node beside that. Never written in place. */
  past: Past | null;
}

export type Written = Readonly<Record<string, number>>;

/** A removed node by its id, or a ghost: `^`, the seq since when it is one, `^`, and the id of the node that moved away. */
export type Gone = string;

/** What is left out is as it is of a node that nobody has undone anything of. */
export interface Past {
  /** The seq of the event whose placement stands, where an undo has put the node back to it; else that is `placed`. */
  readonly place?: number | undefined;
  /** Where an undo has put it back to, it had stood until this event. */
  readonly left?: number | undefined;
  /** The same of its type; 0 is its first. */
  readonly type?: number | undefined;
  /** Events that did something to this node and are undone, the oldest first. */
  readonly undone?: readonly UndoneRun[] | undefined;
  /** Events that edited a text, were undone, and are done again: by whom, as what they came to then is what stands. */
  readonly redone?: readonly UndoneRun[] | undefined;
  /** Whether events up to this one are undone is known as far as `undone` tells, and no further. */
  readonly forgotten?: number | undefined;
  /** Where it belongs, while it stands where something removed stood that this lies in. */
  readonly home?: Home | undefined;
  /** Of a removed node: those that were kept from its removal, and go home when that is undone. */
  readonly guests?: readonly NodeId[] | undefined;
  /**
   * Of a removed node: the events that removed it, where these are not the one that `removed` names alone; negative for those
   * that inserted it, and are undone.
   */
  readonly removers?: readonly number[] | undefined;
  /** Of a removed node: the last event that has put something into it. The tree before that has it elsewhere. */
  readonly holds?: number | undefined;
  /** Of what was put into something removed: by which events, and the innermost and the outermost of that. */
  readonly graves?: readonly (readonly [seq: number, grave: NodeId, top: NodeId])[] | undefined;
}

/** Events that one event has undone, as far as they did something to a node; those between did nothing to it. */
export type UndoneRun = readonly [first: number, last: number, by: number];

/** A place as an operation asks for it. */
export interface Home {
  readonly parent: NodeId;
  readonly after?: NodeId | null | undefined;
  readonly before?: NodeId | null | undefined;
  /** This event has restored what it belongs into, and left it where it was. */
  readonly stays?: number | undefined;
}

/** What is gone around a node, and where it stands itself among what is gone (`places.ts`). */
export interface Order {
  /** What stands between this node and its next live sibling: the top of a treap, or null. */
  readonly gap: Gone | null;
  /** What stands before the first live child. */
  readonly lead: Gone | null;
  /** Where this node stands since it was removed. */
  readonly spot: Spot | null;
  /** What it left where it was moved away from, the oldest first. */
  readonly ghosts: readonly Ghost[];
  /** Of a removed node: how many nodes went out of the size with it; 0 where they were not counted yet. */
  readonly counted: number;
}

export const NO_ORDER: Order = Object.freeze({ gap: null, lead: null, spot: null, ghosts: [], counted: 0 });

/** A node of a treap. */
export interface Spot {
  readonly up: Gone | null;
  readonly left: Gone | null;
  readonly right: Gone | null;
  /** At the top of a treap: the live sibling that it is behind, null before the first. */
  readonly behind: NodeId | null;
}

export interface Ghost {
  readonly parent: NodeId;
  /** The seq of the event that left it. */
  readonly since: number;
  /** An undo of that event has left it: done again, it puts the node back here. */
  readonly of?: number | undefined;
  /** The node belonged elsewhere, which was removed: it is not to come back here where that is there again. */
  readonly away?: true | undefined;
  /** Its name says so. A node had one ghost under a parent before 2026-11-27, called `^` and its id. */
  readonly dated?: true | undefined;
  readonly spot: Spot;
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

/** Whose the value of an attribute is; undefined where nobody knows. Attributes may be called like what every object has. */
export function seqIn(written: Written | null | undefined, key: string): number | undefined {
  return written && Object.hasOwn(written, key) ? written[key] : undefined;
}

/** A record of a node that stands nowhere yet. */
export function newRecord(id: NodeId, type: string, attrs: Attrs, placed: number): NodeRecord {
  return {
    id,
    type,
    attrs,
    // Beside what an update looks at: a record takes more than one line of the cache.
    removed: null,
    parent: null,
    prev: null,
    next: null,
    first: null,
    last: null,
    placed,
    height: 0,
    order: null,
    written: null,
    past: null,
  };
}
