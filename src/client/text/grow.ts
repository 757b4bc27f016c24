import { compose, type Step, sameJson } from "../../text/index.ts";
import type { EditEffect, InverseEdit } from "../../tree/index.ts";
import type { Pending } from "../pending.ts";

/** Characters of JSON that an edit may come to: looking at all of it at each key must not take long. */
const MOST = 4_096;

/** A mutation that edits one text and does nothing else. */
interface Alone {
  readonly effect: EditEffect;
  readonly inverse: InverseEdit;
}

/**
 * Puts a new edit of a text into one that was not sent yet, if what was made in between are edits of other texts: keys that are pressed
 * while nobody can be told of them are one mutation. What it is put into, and what lies between, has seen from now on what the
 * new one has seen; as that is how all of them are shown it is the same.
 */
export function grow(all: readonly Pending[], made: Pending): Pending | null {
  const next = aloneIn(made);
  if (!next) return null;
  for (let index = all.length - 1; index >= 0; index--) {
    const each = all[index];
    const before = !each || each.sent || each.client !== made.client ? null : aloneIn(each);
    if (!each || !before) return null;
    if (before.effect.id !== next.effect.id || before.effect.attr !== next.effect.attr) {
      continue;
    }
    const effect = { ...next.effect, changes: compose(before.effect.changes, next.effect.changes) };
    // The marks that there were before both are known only where the first has changed them.
    if (next.inverse.marks !== undefined && before.inverse.marks === undefined) return null;
    if (!sameJson(each.meta, made.meta) || JSON.stringify(effect.changes).length > MOST) return null;
    const inverse = { ...before.inverse, changes: compose(next.inverse.changes, before.inverse.changes) };
    for (const other of all.slice(index + 1)) {
      const alone = other.base === made.base ? null : aloneIn(other);
      if (alone) standBehind(other, alone, made);
    }
    standBehind(each, { effect, inverse }, made);
    return each;
  }
  return null;
}

function aloneIn({ ops, step: { effects, inverse } }: Pending): Alone | null {
  const [[effect], [undoing]] = [effects, inverse];
  if (ops.length !== 1 || ops[0]?.op !== "edit" || effects.length !== 1 || inverse.length !== 1) return null;
  return effect?.op === "edit" && undoing?.op === "edit" ? { effect, inverse: undoing } : null;
}

/** It is what it is shown to be, by who has seen the same as `made`. */
function standBehind(pending: Pending, { effect, inverse }: Alone, { base, incarnation }: Pending): void {
  const { id, attr, changes } = effect;
  const operation = { op: "edit", id, attr, changes } as const satisfies Step;
  pending.ops = [operation];
  pending.asked = [operation];
  pending.base = base;
  pending.incarnation = incarnation;
  Object.assign(pending.step, { effects: [effect], inverse: [inverse] });
}
