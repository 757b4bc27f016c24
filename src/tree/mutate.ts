import { burialOf } from "./above.ts";
import { decide, updateNode } from "./decide.ts";
import type { Draft, MutationContext } from "./draft.ts";
import { commitLayer, createLayer } from "./layer.ts";
import type { Operation } from "./operations.ts";
import { lostTo } from "./perform.ts";
import type { Store } from "./store.ts";
import type { Receipts, Refusal, Verdict } from "./verdict.ts";

const NO_RECEIPTS: Receipts = {};
const UNCHANGED: Verdict = { ok: true, ops: [], inverse: [], receipts: NO_RECEIPTS };

/**
 * Decides a mutation by the conflict rules (docs/spec.md, section C) and applies it: all of it, or nothing. An
 * operation costs O(1) look-ups a node that it brings, plus the walk to the root where it moves or restores, or anything with
 * children is removed; a removal by an author who has not seen everything, what C14 lets it look through.
 */
export function mutate(store: Store, operations: readonly Operation[], context: MutationContext): Verdict {
  if (context.aside) return context.aside(store, (layer, ends) => decideAll(layer, operations, context, ends));
  if (operations.length === 1 && !isManifold(operations[0], context)) {
    const verdict = updateAlone(store, operations, context);
    if (verdict) return verdict;
    // Each of these looks before it writes, so one alone is atomic without a layer, unless it may come to too much.
    const changes = context.budget?.changes;
    if (!changes) return decideAll(store, operations, context);
    if (store.attempt) return store.attempt(changes, () => decideAll(store, operations, context));
  }
  const layer = createLayer(store, undefined, context.budget?.changes);
  const verdict = decideAll(layer, operations, context);
  if (verdict.ok) commitLayer(layer, store);
  return verdict;
}

/** Whether it may be several in one, of which one may be refused when others are done. */
function isManifold(operation: Operation | undefined, { texts }: MutationContext): boolean {
  switch (operation?.op) {
    case "edit":
    case "mark":
    case "update":
      return texts?.sight !== undefined;
    case "split":
    case "join":
      return true;
    default:
      return false;
  }
}

/**
 * An update of a node that is alive, the most frequent mutation of all, without anything that the others need: its effect is
 * the operation as it came; it spares a layer and the copy of a record. Null where it is another, or not as simple as that.
 */
function updateAlone(store: Store, operations: readonly Operation[], context: MutationContext): Verdict | null {
  const [operation] = operations;
  if (operation?.op !== "update") return null;
  const node = store.get(operation.id);
  if (!node || burialOf(store, node)) return null;
  const inverse = updateNode(store, context, operation, node, null);
  if (!inverse) return UNCHANGED;
  if ("code" in inverse) return { ok: false, ...inverse, op: 0 };
  const accepted: Verdict = { ok: true, ops: [operation], inverse: [inverse], receipts: NO_RECEIPTS };
  if (!context.sees || (!inverse.was && inverse.typed === undefined)) return accepted;
  // Somebody's value may be lost by it.
  const lost = lostTo(context, operation.id, inverse);
  return lost.length > 0 ? { ...accepted, lost } : accepted;
}

/** `ends` is told how many effects there are after each operation. */
function decideAll(store: Store, operations: readonly Operation[], context: MutationContext, ends?: number[]): Verdict {
  const draft: Draft = {
    store,
    context,
    ops: [],
    inverse: [],
    redirected: null,
    rescued: null,
    removed: null,
    updated: null,
    skipped: [],
    lost: [],
    undoes: null,
    redoes: null,
  };
  let index = 0;
  for (const operation of operations) {
    const refusal = decideWithin(draft, operation);
    if (refusal) return { ok: false, ...refusal, op: index };
    ends?.push(draft.ops.length);
    index++;
  }
  const { ops, lost, undoes, redoes } = draft;
  const more = { ...(lost.length > 0 && { lost }), ...(undoes && { undoes }), ...(redoes && { redoes }) };
  return { ok: true, ops, inverse: draft.inverse.reverse(), receipts: receiptsOf(draft), ...more };
}

const MET_TOO_MUCH: Refusal = {
  code: "tooLarge",
  message: "others have done too much to texts that its author has not seen; take it apart",
};

function decideWithin(draft: Draft, operation: Operation): Refusal | null {
  try {
    return decide(draft, operation) ?? (draft.context.texts?.sight?.isOver ? MET_TOO_MUCH : null);
  } catch (error) {
    const refusal = draft.context.budget?.refusalOf(error);
    if (refusal) return refusal;
    throw error;
  }
}

function receiptsOf({ redirected, rescued, removed, updated, skipped }: Draft): Receipts {
  if (!redirected && !rescued && !removed && !updated && skipped.length === 0) return NO_RECEIPTS;
  return {
    ...(redirected && { redirected: [...redirected] }),
    ...(rescued && { rescued: [...rescued] }),
    ...(removed && { removed: [...removed] }),
    ...(updated && { updated: [...updated] }),
    ...(skipped.length > 0 && { skipped }),
  };
}
