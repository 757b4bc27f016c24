import type { Attrs, NodeData, NodeId } from "./node.ts";

/**
 * Where among the parent's children: after `after` if that is a live child of the parent (`null` = first), else before
 * `before` if that one is, else last. Anchors are hints: a neighbour that is gone makes no operation fail.
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

/** An operation as a client asks for it. */
export type Operation = Insert | Move | Update | Remove;

/** A single node inserted at an exact place. */
export interface InsertEffect {
  readonly op: "insert";
  readonly node: { readonly id: NodeId; readonly type: string; readonly attrs?: Attrs };
  readonly parent: NodeId;
  readonly after: NodeId | null;
}
export interface MoveEffect {
  readonly op: "move";
  readonly id: NodeId;
  readonly parent: NodeId;
  readonly after: NodeId | null;
}

/**
 * An operation as it took effect, the form it has in events: exact places instead of hints, one node an insert
 * (parents first, so that no reader of events ever has to recurse), a restored node as inserts that carry its content.
 */
export type Effect = InsertEffect | MoveEffect | Update | Remove;

/** How a removed node stood before it was restored. */
export interface Tombstone {
  readonly parent: NodeId;
  readonly prev: NodeId | null;
  readonly next: NodeId | null;
  readonly placed: number;
  readonly removed: number;
  readonly linked: boolean;
}

/**
 * What undoes an effect. Without `was` it is an ordinary operation, the one that a client sends to undo; `was` holds
 * what is needed besides to restore every record exactly, for time travel: null where there was nothing.
 */
export type Inverse =
  | (Remove & { readonly was: Tombstone | null })
  | (MoveEffect & { readonly before: NodeId | null; readonly was: { readonly placed: number } })
  | Update;

/** A value that no case is left for. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
