import type { Changes } from "./changes.ts";
import { compose } from "./compose.ts";
import { transform } from "./transform.ts";

/**
 * Changes of a text in a bridge, or many of them in one: a binary tree, so that the author's next edit meets one list of changes
 * and not thousands.
 *
 * What an author gets is what each of the parts would have given, one after the other: `compose` sees to that for one edit. What
 * the whole is after that edit is not always what the parts are, as the place between something taken away and something put in
 * may be lost with what was between them. Then the parts are asked.
 */
export interface Item {
  readonly changes: Changes;
  /** Of the first and the last event in it. */
  readonly first: number;
  readonly last: number;
  /** Which step of the bridge it was, or its first. */
  readonly order: number;
  /** How many it is made of. */
  readonly size: number;
  readonly halves?: readonly [Item, Item] | undefined;
  /** What the author has done since, of which the halves do not know. */
  readonly taken?: Taken | undefined;
}

interface Taken {
  readonly changes: Changes;
  readonly before: Taken | undefined;
}

function merged(one: Item, other: Item): Item {
  return {
    changes: compose(one.changes, other.changes),
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
    order: one.order,
    size: one.size + other.size,
    halves: [one, other],
  };
}

/** The author's changes after an item, and the item after them. */
export function pass(mine: Changes, item: Item): { changes: Changes; item: Item } {
  const { first, last, order, size, halves } = item;
  const changes = transform(item.changes, mine, true);
  const taken = halves && { changes: mine, before: item.taken };
  const passed: Item = { changes, first, last, order, size, halves, taken };
  const isClear = halves === undefined || !takesAway(mine) || !isUnclear(changes);
  return { changes: transform(mine, item.changes), item: isClear ? passed : merged(...halvesOf(passed)) };
}

/** Both halves of an item that has them, after all that the author has done. */
export function halvesOf(item: Item): readonly [Item, Item] {
  let [one, other] = item.halves ?? [item, item];
  const all: Changes[] = [];
  for (let { taken } = item; taken !== undefined; taken = taken.before) all.push(taken.changes);
  for (const changes of all.reverse()) {
    const met = pass(changes, one);
    one = met.item;
    other = pass(met.changes, other).item;
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

/** What it is made of. */
export function partsOf(item: Item): readonly Item[] {
  return item.halves ? halvesOf(item).flatMap(partsOf) : [item];
}

/** What is left of it when the author has seen everything up to `seq`. */
export function unseen(item: Item, seq: number): readonly Item[] {
  if (item.last <= seq) return [];
  if (item.first > seq || !item.halves) return [item];
  return halvesOf(item).flatMap((half) => unseen(half, seq));
}

/** What of it there was at `seq`. */
export function seen(item: Item, seq: number): readonly Item[] {
  if (item.last <= seq) return [item];
  if (item.first > seq || !item.halves) return [];
  return halvesOf(item).flatMap((half) => seen(half, seq));
}

/** Puts neighbours of about the same size together, again and again: n of them in n · log n. */
export function gathered(items: readonly Item[]): readonly Item[] {
  const pieces: Item[] = [];
  for (const item of items) {
    let last = item;
    for (let before = pieces.at(-1); before !== undefined && before.size <= last.size; before = pieces.at(-1)) {
      pieces.pop();
      last = merged(before, last);
    }
    pieces.push(last);
  }
  return pieces;
}
