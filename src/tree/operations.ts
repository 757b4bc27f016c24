import type { Changes, Marking, SplitStep, Step as TextStep } from "../text/index.ts";
import type { Attrs, Gone, Home, Json, NodeData, NodeId, Past, Written } from "./node.ts";

/**
 * Where among the parent's children: after `after` (`null` = first) if that stands there, alive or gone, else before
 * `before` if that does, else last. Anchors are hints: a neighbour that is gone makes no operation fail.
 */
export interface Anchors {
  readonly after?: NodeId | null | undefined;
  readonly before?: NodeId | null | undefined;
}

export interface Insert extends Anchors {
  readonly op: "insert";
  readonly node: NodeData;
  readonly parent: NodeId;
}
export interface Move extends Anchors {
  readonly op: "move";
  readonly id: NodeId;
  readonly parent: NodeId;
}
export interface Update {
  readonly op: "update";
  readonly id: NodeId;
  readonly attrs?: Attrs | undefined;
  readonly unset?: readonly string[] | undefined;
  readonly type?: string | undefined;
}
export interface Remove {
  readonly op: "remove";
  readonly id: NodeId;
}

/** Changes a text: a string attribute; one that is missing is empty. */
export interface Edit {
  readonly op: "edit";
  readonly id: NodeId;
  readonly attr: string;
  readonly changes: Changes;
}

/**
 * Makes two rows of one: the text behind `at` goes to a new node right behind `id`; with `head` the text before `at` to one right in
 * front of it, and `id` keeps the rest, and its children.
 */
export interface Split {
  readonly op: "split";
  readonly id: NodeId;
  readonly attr: string;
  readonly at: number;
  readonly node: Omit<NodeData, "children">;
  readonly head?: true | undefined;
}

/** Makes one row of two: the text of `id` goes behind that of `into`, its children behind the children of `into`, and `id` is removed. */
export interface Join {
  readonly op: "join";
  readonly id: NodeId;
  readonly into: NodeId;
  readonly attr: string;
}

/** Sets what `key` is of the units of a text from `from` up to `to`; null takes it away. */
export interface Mark {
  readonly op: "mark";
  readonly id: NodeId;
  readonly attr: string;
  readonly from: number;
  readonly to: number;
  readonly key: string;
  readonly value: Json;
}

/** Operations on texts. */
export type TextOperation = Edit | Split | Join | Mark;

export function isOnText(operation: Operation): operation is TextOperation {
  const { op } = operation;
  return op === "edit" || op === "split" || op === "join" || op === "mark";
}

/**
 * Takes back what mutations did, or does again what was taken back: those with these counters of the author, or of `client`, or
 * those of these events.
 */
export interface Undo {
  readonly op: "undo" | "redo";
  readonly mutations?: readonly number[] | undefined;
  readonly client?: string | undefined;
  readonly seqs?: readonly number[] | undefined;
  /** What it does to texts where its author sees it at once: what is made behind it stands on that. What it comes to is decided all the same. */
  readonly shown?: readonly ShownStep[] | undefined;
}

/** `mutation`: whose edits, splits, joins and marks it takes back or does again; none where a value comes back. */
export type ShownStep = TextStep & { readonly mutation?: number | undefined };

/** Whether it undoes or does again: it is alone in its mutation then. */
export function isUndo(operation: Operation | undefined): operation is Undo {
  return operation?.op === "undo" || operation?.op === "redo";
}

/** An operation as a client asks for it. An undo or redo is the only one of its mutation. */
export type Operation = Insert | Move | Update | Remove | TextOperation | Undo;

/** An exact place: under `parent`, right after its live child `after`, or first when null. */
export interface Place {
  readonly parent: NodeId;
  readonly after: NodeId | null;
  /** What is gone and stands between `after` and here, the last of it. Only stores that keep what is gone look at it. */
  readonly beside?: Gone | undefined;
}

/** What only those who keep the past of nodes look at. */
export interface Kept {
  /** It takes back what this event did to the node. */
  readonly undo?: number | undefined;
  /** It does again what this event did to the node. */
  readonly redo?: number | undefined;
}

/** The same of what puts a node somewhere. */
export interface KeptPlace extends Kept {
  /** The event whose placement this is, where it is not this one's. */
  readonly stands?: number | undefined;
  /** It had stood there until this event. */
  readonly left?: number | undefined;
  /** It is nobody's placement: it follows from what happened to something else. */
  readonly follows?: true | undefined;
  /** Where it belongs: that is removed. */
  readonly home?: Home | undefined;
}

/** A single node inserted at an exact place. */
export interface InsertEffect extends Place, KeptPlace {
  readonly op: "insert";
  readonly node: { readonly id: NodeId; readonly type: string; readonly attrs?: Attrs };
  /** As with `move`, for the top of a branch that is restored; what stands below it follows as inserts. */
  readonly restores?: number | undefined;
}
export interface MoveEffect extends Place, KeptPlace {
  readonly op: "move";
  readonly id: NodeId;
  /** It was removed, and comes back with all that went with it: the seq of the first removal above it. */
  readonly restores?: number | undefined;
}

/**
 * An operation as it took effect, the form it has in events: exact places instead of hints, one node an insert
 * (parents first, so that no reader of events ever has to recurse), a small restored branch as inserts that carry its content.
 */
export type Effect = InsertEffect | MoveEffect | UpdateEffect | RemoveEffect | EditEffect;

/** Changes of a text as they take effect in the one that there is. */
export interface EditEffect extends Edit, Kept {
  /**
   * What it takes away, of the `length` units that there were those behind `at`, or before it with `head`, is in the text of `node` that
   * follows: behind `onto` units where that has some already.
   */
  readonly split?: Pick<SplitStep, "at" | "length" | "node" | "head" | "onto"> | undefined;
  /** What it takes away, which is all, stands in `into` at `at` now. */
  readonly join?: { readonly into: NodeId; readonly at: number } | undefined;
  /** What it inserts comes from this node, by a split or join that stands before it. */
  readonly from?: NodeId | undefined;
  /** Whose the text is then, where it is not this event's; 0: the node's first. */
  readonly stands?: number | undefined;
}

export interface UpdateEffect extends Update, Kept {
  /** The events whose values these are, where they are not this one's; none is the node's first. */
  readonly stands?: Marks | undefined;
  /** What the marks of a text that it brings have come of. */
  readonly mark?: (Marking & { readonly attr: string }) | undefined;
  /** What it brings is the marks of a text, with those of the text that has come from this node by the edit before it. */
  readonly from?: NodeId | undefined;
}

export interface RemoveEffect extends Remove, Kept {
  /** It is gone already, by itself or with something: it has one more reason to be. Who does not hold it passes this over. */
  readonly again?: true | undefined;
  /** Those that were kept from it. */
  readonly rescued?: readonly NodeId[] | undefined;
  /** The events because of which it is removed, where they are not this one. */
  readonly removers?: readonly number[] | undefined;
}

/** Whose the content of a node is, by the seq of the event: of some attributes, and of the type. */
export interface Marks {
  readonly attrs?: Written | undefined;
  readonly type?: number | undefined;
}

/** How a removed node stood before it was restored. */
export interface Tombstone {
  readonly parent: NodeId;
  readonly prev: NodeId | null;
  readonly next: NodeId | null;
  readonly placed: number;
  readonly removed: number;
  /** It was removed because it stood in something that was: `removed` is that one's. */
  readonly linked: boolean;
  /** As in `Past`. */
  readonly place?: number | undefined;
  readonly home?: Home | undefined;
  readonly removers?: readonly number[] | undefined;
}

/**
 * What undoes an effect. Without `was` it is an ordinary operation, the one that a client sends to undo: a node that was
 * removed or moved away is anchored to itself, which means where it stood. `was` holds what is needed besides for time
 * travel: null where there was nothing. What was logged before 2026-11-27 has the sibling in `after` and not in `was`.
 */
export type Inverse =
  | (Remove & { readonly was: Tombstone | null })
  | (Move & {
      readonly after: NodeId | null;
      readonly was: { readonly placed: number; readonly after?: NodeId | null } & Pick<Past, "place" | "home">;
    })
  | InverseUpdate
  | InverseEdit;

/** `was` and `typed`: as in `Marks`, of what it brings back. */
export interface InverseUpdate extends Update {
  readonly was?: Written | undefined;
  readonly typed?: number | undefined;
  /** It brings back the marks of a text, which are undone as what is done to texts. */
  readonly marks?: true | undefined;
}

/** Brings back what an edit has deleted, which is all of it that is kept. */
export interface InverseEdit extends Edit {
  /** Whose the text was, where that was not the node's first. */
  readonly was?: number | undefined;
  /** There was no such attribute. */
  readonly missing?: true | undefined;
  /** The marks that there were, where they do not come back with the text alone. */
  readonly marks?: Json | undefined;
  /** On the first of an event whose author had not seen all: what it had, and asked for where that is not what it came to. */
  readonly asked?: Asked | undefined;
}

/** What an author had seen of the texts of others, and the steps that it asked for then. */
export interface Asked {
  readonly base: number;
  readonly steps?: readonly TextStep[] | undefined;
}

/** A value that no case is left for. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
