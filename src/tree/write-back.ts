import { merged, update } from "./apply.ts";
import type { Draft } from "./draft.ts";
import { inverseUpdate } from "./inverse.ts";
import type { NodeRecord } from "./node.ts";
import type { UpdateEffect } from "./operations.ts";
import { performed, skip } from "./perform.ts";

/** Gives a node values that it had. They have to fit in beside what it has got since. */
export function writeBack(draft: Draft, node: Readonly<NodeRecord>, effect: UpdateEffect): void {
  const { context } = draft;
  const { id, attrs, unset } = effect;
  const inverse = inverseUpdate(node, effect);
  const next = attrs || unset ? merged(node.attrs, attrs, unset) : undefined;
  const problem = next && context.attrsProblem?.(next, node.attrs);
  const isTooMuch =
    (attrs && problem) ||
    (attrs && context.budget?.dragsAttrs(attrs)) ||
    (inverse?.attrs && context.budget?.dragsAttrs(inverse.attrs));
  if (isTooMuch) {
    skip(draft, id, "limit");
    return;
  }
  update(draft.store, effect, context.seq, next);
  performed(draft, effect, inverse ?? undefined);
}
