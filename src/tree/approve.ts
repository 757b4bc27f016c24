import type { Budget } from "./budget.ts";
import type { Aside } from "./draft.ts";
import { commitLayer, createLayer } from "./layer.ts";
import type { Effect } from "./operations.ts";
import type { ReadStore } from "./store.ts";
import type { Refusal } from "./verdict.ts";

/**
 * Why a mutation may not be done that the rules allow; null if it may. Operation `i` has come to the effects before `ends[i]`, from
 * `ends[i - 1]` on; `before` and `after` are the tree without it and with all of it, to be read now and not later.
 */
export type Approve = (decided: {
  readonly effects: readonly Effect[];
  readonly ends: readonly number[];
  readonly before: ReadStore;
  readonly after: ReadStore;
}) => (Refusal & { readonly op: number }) | null;

/** Gives `approve` the last word on what a mutation comes to: it is decided on a layer, which is dropped with a no. */
export function approvedBy(approve: Approve, { changes }: Budget): Aside {
  return (store, decide) => {
    const layer = createLayer(store, undefined, changes);
    const ends: number[] = [];
    const verdict = decide(layer, ends);
    if (!verdict.ok) return verdict;
    const refusal =
      verdict.ops.length > 0 ? approve({ effects: verdict.ops, ends, before: store, after: layer }) : null;
    if (refusal) return { ok: false, ...refusal };
    commitLayer(layer, store);
    return verdict;
  };
}
