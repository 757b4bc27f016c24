import { type ChangesOf, contentOperations } from "./diff-content.ts";
import { createOrder, type Sides } from "./diff-order.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { InsertEffect, Operation, Place } from "./operations.ts";
import { insertEffect } from "./perform.ts";

type Node = Readonly<NodeRecord>;

/** What operations are to lead from, and to. */
export interface Lead extends Sides {
  /** The nodes that may differ. */
  readonly named: Iterable<NodeId>;
  /** The node that stays where it is: the root, or the top of a branch. */
  readonly top: NodeId;
  /** Whether a node is to be as it is afterwards, and where: below the top. */
  isMeant(id: NodeId): boolean;
  /**
   * How a node comes that is not there before: as a new one, and with it all below it that is not there either; or by a move, as it was
   * removed and all below it comes with it.
   */
  readonly comes: "insert" | "move";
  /** The content that it has before, or has when it has come by a move. */
  content(id: NodeId): Node | undefined;
  /** Whether one goes that is not meant. Yields after each look. */
  goes(node: Node): Generator<null, boolean>;
  readonly changesOf: ChangesOf;
}

/**
 * The operations that lead from one state of a tree to another, for who has seen everything: each node goes to its place below a parent that
 * has reached its own, so nothing ever stands in itself, and behind siblings that have reached theirs. Then contents change, and what is to
 * go goes last, when all that stood in it has left. Costs what may differ, and the branches that are inserted; yields null after each look.
 */
export function* operationsBetween(lead: Lead): Generator<Operation | null> {
  const { before, after, named, top, isMeant, content, goes, changesOf } = lead;
  yield* placements(lead);
  for (const id of named) {
    yield null;
    const [was, is] = isMeant(id) ? [content(id), after(id)] : [];
    if (was && is) yield* contentOperations(id, was, is, changesOf);
  }
  for (const id of named) {
    yield null;
    const was = id === top || isMeant(id) ? undefined : before(id);
    // Else it goes with what it stands in.
    if (was && was.parent !== null && isMeant(was.parent) && (yield* goes(was))) yield { op: "remove", id };
  }
}

function* placements(lead: Lead): Generator<Operation | null> {
  const { before, after, comes } = lead;
  const order = createOrder(lead);
  const waiting = new Set<NodeId>();
  for (const level of yield* byDepth(lead, order.stays)) {
    for (const id of level) waiting.add(id);
    for (const id of level) {
      if (!waiting.has(id)) continue;
      // From left to right, so that each finds the one that it stands behind.
      for (const each of yield* order.rowOf(id)) {
        const is = waiting.delete(each) ? after(each) : undefined;
        if (!is || is.parent === null) continue;
        const place = { parent: is.parent, after: yield* standsBehind(lead, is) };
        if (comes === "move" || before(each)) yield { op: "move", id: each, ...place };
        else yield* insertions(lead, is, place);
      }
    }
  }
}

/** The nodes that have to go somewhere, by how far below the top that is. */
function* byDepth(
  { before, after, isPlaced, named, top, isMeant, comes }: Lead,
  stays: (id: NodeId) => Generator<null, boolean>,
): Generator<null, NodeId[][]> {
  /** Of those that stand below a node. */
  const depths = new Map<NodeId, number>([[top, 0]]);
  const levels: NodeId[][] = [];
  for (const id of named) {
    yield null;
    const is = id !== top && isMeant(id) ? after(id) : undefined;
    if (!is || is.parent === null) continue;
    const was = before(id);
    // It comes with what it stands in.
    if (!was && comes === "insert" && !before(is.parent)) continue;
    if (was?.parent === is.parent && (!isPlaced(id) || (yield* stays(id)))) continue;
    const path: NodeId[] = [];
    let here = is.parent;
    for (; !depths.has(here); here = after(here)?.parent ?? top) {
      path.push(here);
      yield null;
    }
    let depth = depths.get(here) ?? 0;
    for (const each of path.reverse()) depths.set(each, ++depth);
    for (let at = levels.length; at <= depth; at++) levels.push([]);
    levels[depth]?.push(id);
  }
  return levels;
}

/** The sibling in front of a node that is there afterwards. */
function* standsBehind({ after, isMeant }: Lead, { prev }: Node): Generator<null, NodeId | null> {
  let here = prev;
  for (; here !== null && !isMeant(here); here = after(here)?.prev ?? null) yield null;
  return here;
}

/** Inserts a node and all below it that is not there before, one by one. */
function* insertions({ before, after }: Lead, top: Node, place: Place): Generator<InsertEffect | null> {
  yield insertEffect(top, place);
  /** The nodes above: the child that comes next, and the one that was inserted last. */
  const path: { readonly id: NodeId; next: NodeId | null; last: NodeId | null }[] = [
    { id: top.id, next: top.first, last: null },
  ];
  for (let level = path.at(-1); level; level = path.at(-1)) {
    const child = level.next === null ? undefined : after(level.next);
    if (!child) {
      path.pop();
      continue;
    }
    level.next = child.next;
    yield null;
    // What is there before goes to its place by itself.
    if (before(child.id)) continue;
    yield insertEffect(child, { parent: level.id, after: level.last });
    level.last = child.id;
    path.push({ id: child.id, next: child.first, last: null });
  }
}
