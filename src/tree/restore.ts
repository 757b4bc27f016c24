import type { Burial } from "./above.ts";
import type { Draft } from "./draft.ts";
import { removeAgain } from "./inverse.ts";
import { branch } from "./links.ts";
import type { Attrs, NodeId, NodeRecord } from "./node.ts";
import type { Place } from "./operations.ts";
import { insertEffect, moveEffect, perform } from "./perform.ts";
import { weighAttrs } from "./weight.ts";

type Node = Readonly<NodeRecord>;

/** What is restored stands in the event with its content, for everyone to apply, where that is not more than this. */
const CARRIED_NODES = 64;
const CARRIED_CHARS = 8 * 1024;
/** Brings a node that is removed, or lies in what is, back to a place. */
export function restore(draft: Draft, node: Node, burial: Burial, place: Place, inside: boolean): null {
  const { store } = draft;
  const { id } = node;
  const inverse = removeAgain(store, node);
  // Who does not hold what is removed cannot put anything into it.
  const carried = inside ? null : carriedBelow(draft, id);
  if (!carried) perform(draft, { ...moveEffect(id, place), restores: burial.since }, inverse);
  for (const [index, each] of (carried ?? []).entries()) {
    const at = index === 0 ? place : { parent: each.parent ?? place.parent, after: each.prev };
    const effect = insertEffect(each, at);
    if (index === 0) perform(draft, { ...effect, restores: burial.since }, inverse);
    else perform(draft, effect);
  }
  return null;
}

/** The nodes of a branch if they are few and small. */
function carriedBelow(
  { store }: Draft,
  top: NodeId,
): { id: NodeId; type: string; attrs: Attrs; parent: NodeId | null; prev: NodeId | null }[] | null {
  const nodes = [];
  let characters = 0;
  for (const { id, type, attrs, parent, prev } of branch(store, top)) {
    characters += weighAttrs(attrs);
    if (nodes.length === CARRIED_NODES || characters > CARRIED_CHARS) return null;
    nodes.push({ id, type, attrs, parent, prev });
  }
  return nodes;
}
