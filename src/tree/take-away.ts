import type { Draft } from "./draft.ts";
import { homeOf } from "./home.ts";
import { backTo } from "./inverse.ts";
import type { NodeId, NodeRecord } from "./node.ts";
import type { MoveEffect, RemoveEffect } from "./operations.ts";
import { placedBy } from "./past.ts";
import { lose, moveEffect, note, perform } from "./perform.ts";
import { resolveAnchors } from "./place.ts";
import { mustGet } from "./store.ts";

/** Removes a node once more that is gone already: removed itself, or inside what is. */
export function takeAwayAgain(draft: Draft, node: Readonly<NodeRecord>, kept: Partial<RemoveEffect> = {}): void {
  const inverse = node.removed === null ? backTo(node) : undefined;
  perform(draft, { op: "remove", id: node.id, again: true, ...kept }, inverse);
}

/** Removes a node that is alive, but for some of what stands in it (C6). */
export function takeAway(
  draft: Draft,
  { id, parent }: Readonly<NodeRecord>,
  unseen: readonly NodeId[],
  kept: Partial<RemoveEffect> = {},
): void {
  const { store, context } = draft;
  for (const { seq, id: updated } of context.keeper?.updatedIn(store, id) ?? []) {
    note(draft, "updated", updated);
    lose(draft, seq, updated, "removed");
  }
  // One behind the other, right in front of the node that is about to go: their order among themselves stays.
  for (const each of unseen) {
    const record = mustGet(store, each);
    note(draft, "rescued", each);
    lose(draft, placedBy(record), each, "rescued");
    const above = mustGet(store, parent ?? "");
    const { undo, redo } = kept;
    const place = context.keeper?.cameFrom(store, above, record, redo) ?? resolveAnchors(store, above, { before: id });
    const back = { ...(undo !== undefined && { undo }), ...(redo !== undefined && { redo }) };
    const effect: MoveEffect = { ...moveEffect(each, place), ...back, follows: true, home: homeOf(record) };
    perform(draft, effect, backTo(record, place.parent));
  }
  const rescued = unseen.length > 0 ? { rescued: unseen } : null;
  perform(draft, { ...kept, op: "remove", id, ...rescued }, backTo(mustGet(store, id)));
}
