import type { Attrs, Gone, NodeData, NodeId } from "./node.ts";

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

/** An operation as a client asks for it. */
export type Operation = Insert | Move | Update | Remove;

/** An exact place: under `parent`, right after its live child `after`, or first when null. */
export interface Place {
  readonly parent: NodeId;
  readonly after: NodeId | null;
  /** What is gone and stands between `after` and here, the last of it. Only stores that keep what is gone look at it. */
  readonly beside?: Gone | undefined;
}

/** A single node inserted at an exact place. */
export interface InsertEffect extends Place {
  readonly op: "insert";
  readonly node: { readonly id: NodeId; readonly type: string; readonly attrs?: Attrs };
  /** As with `move`, for the top of a branch that is restored; what stands below it follows as inserts. */
  readonly restores?: number | undefined;
}
export interface MoveEffect extends Place {
  readonly op: "move";
  readonly id: NodeId;
  /** It was removed, and comes back with all that went with it: the seq of the first removal above it. */
  readonly restores?: number | undefined;
}

/**
 * An operation as it took effect, the form it has in events: exact places instead of hints, one node an insert
 * (parents first, so that no reader of events ever has to recurse), a small restored branch as inserts that carry its content.
 */
export type Effect = InsertEffect | MoveEffect | Update | Remove;

/** How a removed node stood before it was restored. */
export interface Tombstone {
  readonly parent: NodeId;
  readonly prev: NodeId | null;
  readonly next: NodeId | null;
  readonly placed: number;
  readonly removed: number;
  /** It was removed because it stood in something that was: `removed` is that one's. */
  readonly linked: boolean;
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
      readonly was: { readonly placed: number; readonly after?: NodeId | null };
    })
  | Update;

/** A value that no case is left for. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
