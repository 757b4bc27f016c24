import { decide } from "./decide.ts";
import type { Draft, MutationContext } from "./draft.ts";
import { commitLayer, createLayer } from "./layer.ts";
import type { Operation } from "./operations.ts";
import type { Store } from "./store.ts";
import type { Receipts, Verdict } from "./verdict.ts";

/**
 * Decides a mutation by the conflict rules (docs/spec.md, section C) and applies it: all of it, or nothing. An insert,
 * move or update costs O(1) look-ups, plus the walk to the root for a move; removing and restoring cost the subtree.
 */
export function mutate(store: Store, operations: readonly Operation[], context: MutationContext): Verdict {
  // Every operation looks before it writes, so one alone is atomic without a layer.
  if (operations.length === 1) return decideAll(store, operations, context);
  const layer = createLayer(store);
  const verdict = decideAll(layer, operations, context);
  if (verdict.ok) commitLayer(layer, store);
  return verdict;
}

function decideAll(store: Store, operations: readonly Operation[], context: MutationContext): Verdict {
  const draft: Draft = {
    store,
    context,
    ops: [],
    inverse: [],
    redirected: null,
    rescued: null,
    removed: null,
  };
  let index = 0;
  for (const operation of operations) {
    const refusal = decide(draft, operation);
    if (refusal) return { ok: false, ...refusal, op: index };
    index++;
  }
  return { ok: true, ops: draft.ops, inverse: draft.inverse.reverse(), receipts: receiptsOf(draft) };
}

const NO_RECEIPTS: Receipts = {};

function receiptsOf({ redirected, rescued, removed }: Draft): Receipts {
  if (!redirected && !rescued && !removed) return NO_RECEIPTS;
  return {
    ...(redirected && { redirected: [...redirected] }),
    ...(rescued && { rescued: [...rescued] }),
    ...(removed && { removed: [...removed] }),
  };
}
