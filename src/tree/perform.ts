import { applyEffect } from "./apply.ts";
import type { Draft } from "./draft.ts";
import { isEmpty } from "./inverse.ts";
import { type Attrs, NO_ATTRS, type NodeId } from "./node.ts";
import type { Effect, InsertEffect, Inverse, MoveEffect, Place } from "./operations.ts";
import type { Receipts } from "./verdict.ts";

// What a decision leaves in its draft.

/** Notes what happened to a node beside the operation. */
export function note(draft: Draft, receipt: keyof Receipts, id: NodeId): void {
  const ids = draft[receipt] ?? new Set();
  ids.add(id);
  draft[receipt] = ids;
}

export function perform(draft: Draft, effect: Effect, inverse?: Inverse): void {
  applyEffect(draft.store, effect, draft.context.seq);
  performed(draft, effect, inverse);
}

export function performed(draft: Draft, effect: Effect, inverse?: Inverse): void {
  draft.ops = append(draft.ops, effect);
  if (inverse) draft.inverse = append(draft.inverse, inverse);
}

/**
 * Most mutations are one operation. `push` to an empty array makes room for 17; a list of one is made to measure
 * (updates of 10 000 nodes: 2.6–2.9 M/s before, 3.4–3.6 M/s with this, V8 of Node 24).
 */
function append<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}

export function moveEffect(id: NodeId, { parent, after, beside }: Place): MoveEffect {
  return beside === undefined ? { op: "move", id, parent, after } : { op: "move", id, parent, after, beside };
}

export function insertEffect(
  node: { id: NodeId; type: string; attrs?: Attrs | undefined },
  { parent, after, beside }: { parent: NodeId; after: NodeId | null; beside?: string | undefined },
): InsertEffect {
  const { id, type, attrs = NO_ATTRS } = node;
  const content = isEmpty(attrs) ? { id, type } : { id, type, attrs };
  const effect = { op: "insert", node: content, parent, after } as const;
  return beside === undefined ? effect : { ...effect, beside };
}
