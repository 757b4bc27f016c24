import type { Burial } from "./above.ts";
import type { Draft } from "./draft.ts";
import { removeAgain } from "./inverse.ts";
import type { NodeRecord } from "./node.ts";
import type { KeptPlace, Place } from "./operations.ts";
import { insertEffect, moveEffect, perform } from "./perform.ts";

type Node = Readonly<NodeRecord>;

/** Brings a node that is removed, or lies in what is, back to a place. */
export function restore(
  draft: Draft,
  node: Node,
  burial: Burial,
  place: Place,
  inside: boolean,
  kept: KeptPlace = {},
): null {
  const { store, context } = draft;
  const { id } = node;
  const inverse = removeAgain(store, node, burial);
  // Who does not hold what is removed cannot put anything into it.
  const [top, ...below] = (inside ? null : context.keeper?.carried(store, id)) ?? [];
  const effect = top ? insertEffect(top, place) : moveEffect(id, place);
  // As they stood: the first one brings them all back.
  const rest = below.map((each) => insertEffect(each, { parent: each.parent ?? id, after: each.prev }));
  perform(draft, { ...effect, ...kept, restores: burial.since }, inverse);
  for (const each of rest) perform(draft, each);
  return null;
}
