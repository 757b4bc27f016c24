import type { Changes } from "./changes.ts";
import { compose } from "./compose.ts";
import { rebase } from "./rebase.ts";
import type { Step } from "./step.ts";
import { transform, transformEarlier } from "./transform.ts";

/**
 * A step of a bridge, or many edits of one text in one: a binary tree of them, so that the author's next edit meets one list
 * of changes and not thousands.
 *
 * What an author gets is what each of the parts would have given, one after the other: `compose` sees to that for one edit. What
 * the whole is after that edit is not always what the parts are, as the place between something taken away and something put in
 * may be lost with what was between them. Then the parts are asked.
 */
export interface Item {
  /** Of the first and the last event in it. */
  readonly first: number;
  readonly last: number;
  /** Which step of the bridge it was, or its first. */
  readonly order: number;
  readonly step: Step;
  /** How many steps it is made of. */
  readonly size: number;
  readonly halves?: readonly [Item, Item];
  /** What the author has done since, of which the halves do not know. */
  readonly taken?: Taken | undefined;
}

interface Taken {
  readonly changes: Changes;
  readonly before: Taken | undefined;
}

export function changesOf(item: Item): Changes {
  return item.step.op === "edit" ? item.step.changes : [];
}

/** Both are edits of one text. */
export function merged(one: Item, other: Item): Item {
  return {
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
    order: one.order,
    step: edited(one.step, compose(changesOf(one), changesOf(other))),
    size: one.size + other.size,
    halves: [one, other],
  };
}

function edited({ id, attr }: Step, changes: Changes): Step {
  return { op: "edit", id, attr, changes };
}

/** The author's changes after an item, and the item after them. */
export function pass(changes: Changes, item: Item): { changes: Changes; item: Item } {
  const whole = changesOf(item);
  const after = transformEarlier(whole, changes);
  const passed: Item = { ...item, step: edited(item.step, after) };
  const mine = transform(changes, whole);
  if (item.halves === undefined) return { changes: mine, item: passed };
  const taken: Item = { ...passed, taken: { changes, before: item.taken } };
  return { changes: mine, item: takesAway(changes) && isUnclear(after) ? merged(...halvesOf(taken)) : taken };
}

/** Both halves of an item that has them, after all that the author has done. */
function halvesOf(item: Item): readonly [Item, Item] {
  let [one, other] = item.halves ?? [item, item];
  const all: Changes[] = [];
  for (let taken = item.taken; taken !== undefined; taken = taken.before) all.push(taken.changes);
  for (const changes of all.reverse()) {
    const first = pass(changes, one);
    one = first.item;
    other = pass(first.changes, other).item;
  }
  return [one, other];
}

const takesAway = (changes: Changes) => changes.some((change) => typeof change === "number" && change < 0);

/** Is something put in right behind what is taken away? */
function isUnclear(changes: Changes): boolean {
  return changes.some((change, index) => {
    const next = changes[index + 1];
    return typeof change === "number" && change < 0 && (next === 0 || typeof next === "string");
  });
}

/** The steps that it is made of. */
export function partsOf(item: Item): readonly Item[] {
  return item.halves === undefined ? [item] : halvesOf(item).flatMap(partsOf);
}

/** What is left of it when the author has seen everything up to `seq`. */
export function unseen(item: Item, seq: number): readonly Item[] {
  if (item.last <= seq) return [];
  if (item.first > seq) return [item];
  return halvesOf(item).flatMap((half) => unseen(half, seq));
}

/** Steps of the author after an item, and what that is after them. */
export function meet(steps: readonly Step[], item: Item): { steps: readonly Step[]; items: readonly Item[] } {
  if (item.step.op !== "edit" || steps.some((step) => step.op !== "edit")) {
    const met = rebase(steps, [item.step]);
    return { steps: met.steps, items: met.over.map((step) => ({ ...item, step })) };
  }
  const { id, attr } = item.step;
  let left = item;
  const after = steps.flatMap((step) => {
    if (step.op !== "edit" || step.id !== id || step.attr !== attr) return [step];
    const met = pass(step.changes, left);
    left = met.item;
    return met.changes.length > 0 ? [edited(step, met.changes)] : [];
  });
  return { steps: after, items: left.halves === undefined && changesOf(left).length === 0 ? [] : [left] };
}
