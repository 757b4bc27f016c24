import type { Burial } from "./above.ts";
import { unseenIn } from "./decide.ts";
import type { Draft } from "./draft.ts";
import type { NodeRecord } from "./node.ts";
import { MOST_REMOVERS, removersOf } from "./past.ts";
import { note } from "./perform.ts";
import { mustGet } from "./store.ts";
import { takeAwayAgain } from "./take-away.ts";

type Node = Readonly<NodeRecord>;

/** A removal by somebody who has not seen that the node is gone already: it stays gone when the other removal is undone. */
export function removeOnceMore(draft: Draft, node: Node, burial: Burial): void {
  const { store, context } = draft;
  const { id } = node;
  const { sees } = context;
  const grave = mustGet(store, burial.grave).removed ?? 0;
  if (!sees || sees(grave) || grave === context.seq || removersOf(node).includes(context.seq)) return;
  if (removersOf(node).length >= MOST_REMOVERS) return;
  // Those would have to be kept from it, in something that is removed.
  if (node.removed === null && (unseenIn(draft, node) ?? [id]).length > 0) return;
  note(draft, "removed", id);
  takeAwayAgain(draft, node);
}
