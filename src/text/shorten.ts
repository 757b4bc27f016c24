import type { Changes } from "./changes.ts";
import { composeAll } from "./compose.ts";
import { halvesOf, type Item } from "./item.ts";
import { nodesOf, type Step, targetOf } from "./step.ts";
import { type Edits, editsOf, type Stretch } from "./stretch.ts";

/** What stretches take. */
export interface Weight {
  /** Moves, and edits that are kept one by one; with what the author has done that these have not met yet. */
  readonly steps: number;
  /** In memory, about. */
  readonly bytes: number;
}

// Measured with V8 of Node 24.
const MOVE = 448;
const TEXT = 160;
const ITEM = 200;
const TAKEN = 64;
const ENTRY = 16;

export function weigh(stretches: readonly Stretch[]): Weight {
  let [steps, bytes] = [0, 0];
  const weighItem = (item: Item) => {
    bytes += ITEM + weighChanges(item.changes);
    for (let { taken } = item; taken !== undefined; taken = taken.before) {
      steps++;
      bytes += TAKEN + ENTRY * taken.changes.length;
    }
    if (item.halves) for (const half of item.halves) weighItem(half);
    else steps++;
  };
  for (const { edits, move } of stretches) {
    bytes += TEXT * edits.size;
    for (const { items } of edits.values()) for (const item of items) weighItem(item);
    if (!move) continue;
    steps++;
    bytes += MOVE;
  }
  return { steps, bytes };
}

function weighChanges(changes: Changes): number {
  let bytes = 0;
  for (const change of changes) bytes += ENTRY + (typeof change === "string" ? ENTRY + 2 * change.length : 0);
  return bytes;
}

/** What a step of the author has to get past. */
export interface InTheWay {
  /** All moves, each as often as the step may have come apart before it: in so many parts it meets the move. */
  readonly moves: number;
  /** Moves of the texts that it may come to. */
  readonly own: number;
  /** Entries of the changes of these texts, or of the step where it has more. */
  readonly changes: number;
}

export function inTheWay(step: Step, stretches: readonly Stretch[]): InTheWay {
  const { attr } = step;
  const ids = new Set(nodesOf(step));
  const [entries, most] = [entriesOf(step), mostParts(step)];
  let [moves, own, changes] = [0, 0, 0];
  for (const { edits, move } of stretches) {
    if (edits.size > 0)
      for (const each of ids)
        for (const item of editsOf(edits, each, attr)) changes += Math.max(1 + item.changes.length, entries);
    if (!move) continue;
    moves += Math.min(own + 1, most);
    if (!(ids.has(move.step.id) || ids.has(targetOf(move.step)))) continue;
    own++;
    ids.add(move.step.id).add(targetOf(move.step));
  }
  return { moves, own, changes };
}

/** Entries of its changes. */
export function entriesOf(step: Step): number {
  return step.op === "edit" ? step.changes.length : 1;
}

/** Each split of its text takes a step apart once more, but no further than into what it puts in, and the units that it takes away or marks. */
function mostParts(step: Step): number {
  if (step.op === "mark") return Math.max(1, step.to - step.from);
  if (step.op !== "edit") return 1;
  let parts = 0;
  for (const change of step.changes) {
    if (typeof change === "string") parts++;
    else if (change < 0) parts -= change;
  }
  return Math.max(1, parts);
}

/**
 * The changes of each text between two moves in one, for good: they are then as many as the runs that they have left, whatever
 * became of it in between. `seqs`, in order: up to these an author may still have seen them, so there they stay apart.
 *
 * What an author gets is the same but among what is taken away and put in at one place; there it may come before or behind.
 */
export function shortened(stretches: readonly Stretch[], seqs: readonly number[]): Stretch[] {
  return stretches.map(({ edits, move }) => {
    const short: Edits = new Map();
    for (const [key, { id, attr, items }] of edits) short.set(key, { id, attr, items: shortItems(items, seqs) });
    return { edits: edits.size > 0 || !move ? short : edits, move };
  });
}

function shortItems(items: readonly Item[], seqs: readonly number[]): readonly Item[] {
  const apart = items.flatMap((item) => takenApart(item, seqs));
  const groups: Item[][] = [];
  let next = Number.NEGATIVE_INFINITY;
  for (const item of apart) {
    const group = groups.at(-1);
    if (group && item.last <= next) group.push(item);
    else {
      groups.push([item]);
      next = firstFrom(item.last, seqs);
    }
  }
  return groups.map(together);
}

function together(items: readonly Item[]): Item {
  const changes = composeAll(items.map((item) => item.changes)).map(flat);
  const [first] = items;
  return {
    changes,
    first: Math.min(...items.map((item) => item.first)),
    last: Math.max(...items.map((item) => item.last)),
    order: first?.order ?? 0,
    size: items.reduce((sum, { size }) => sum + size, 0),
  };
}

/** What was put together of a thousand strings is a tree of them in V8, 20 times as large, until a regular expression has read it. */
function flat(change: number | string): number | string {
  if (typeof change === "string") ANY.test(change);
  return change;
}

const ANY = /$/;

/** The first seq of them that is not before `seq`. */
function firstFrom(seq: number, seqs: readonly number[]): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return seqs[low] ?? Number.POSITIVE_INFINITY;
}

function takenApart(item: Item, seqs: readonly number[]): readonly Item[] {
  if (!item.halves || firstFrom(item.first, seqs) >= item.last) return [item];
  return halvesOf(item).flatMap((half) => takenApart(half, seqs));
}

/** Whether changes were put together for good of which the author has seen a part when it has seen everything up to `seq`. */
export function isBlurred(stretches: readonly Stretch[], seq: number): boolean {
  const blurs = ({ first, last, halves }: Item): boolean =>
    first <= seq && seq < last && (halves === undefined || halves.some(blurs));
  for (const { edits, move } of stretches) {
    for (const { items } of edits.values()) if (items.some(blurs)) return true;
    // What is behind it is later.
    if (move && move.seq > seq) return false;
  }
  return false;
}
