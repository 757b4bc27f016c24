import { growth } from "./changes.ts";
import { type Item, meet, merged, partsOf, unseen } from "./item.ts";
import { baseOf, type Step, targetOf } from "./step.ts";

/** What others have done that an author has not seen, seen from where the author is. */
export interface Bridge {
  /** An event of somebody else, in the order of the log. */
  add(seq: number, steps: readonly Step[]): void;
  /** What a step of the author comes to now: none, one or more. The bridge then stands behind it. */
  take(step: Step): readonly Step[];
  /** The author has seen everything up to `seq`. */
  advance(seq: number): void;
  /** The units of a text where the author is, from those that it has now. */
  lengthOf(id: string, attr: string, now: number): number;
  copy(): Bridge;
  /** They lead from where the author is to what there is now. */
  readonly steps: readonly Step[];
}

export function createBridge(): Bridge {
  return bridgeOf([], 0, MANY);
}

/** With more items than this, and than twice those that were left the last time, the edits of one text are put together. */
const MANY = 32;

function bridgeOf(known: Item[], count: number, bound: number): Bridge {
  let items = known;
  let order = count;
  let many = bound;
  /** A copy has the same list until one of the two changes it. */
  let isShared = false;
  return {
    add: (seq, steps) => {
      if (isShared) items = [...items];
      isShared = false;
      for (const step of steps) items.push({ first: seq, last: seq, order: order++, step, size: 1 });
    },
    take: (step) => {
      if (items.length > many) {
        items = gathered(items);
        many = Math.max(MANY, 2 * items.length);
      }
      const taken = passed(step, items);
      items = taken.items;
      isShared = false;
      return taken.steps;
    },
    advance: (seq) => {
      items = items.flatMap((item) => unseen(item, seq));
      isShared = false;
    },
    lengthOf: (id, attr, now) => {
      let more = 0;
      for (const { step } of items) {
        if (step.attr !== attr) continue;
        if (step.op !== "edit") {
          if (step.id === id) return step.length - more;
          if (targetOf(step) === id) return baseOf(step) - more;
        } else if (step.id === id) more += growth(step.changes);
      }
      return now - more;
    },
    copy: () => {
      isShared = true;
      return bridgeOf([...items], order, many);
    },
    get steps() {
      return items.map((item) => item.step);
    },
  };
}

const isEdit = ({ step }: Item) => step.op === "edit";

/** Edits of different texts between two moves may stand in any order. */
function stretches(items: readonly Item[]): { edits: readonly Item[]; move: Item | undefined }[] {
  const found: { edits: readonly Item[]; move: Item | undefined }[] = [];
  let start = 0;
  for (let at = 0; at <= items.length; at++) {
    const item = items[at];
    if (item !== undefined && isEdit(item)) continue;
    found.push({ edits: items.slice(start, at), move: item });
    start = at + 1;
  }
  return found;
}

/** The author's step after all items, and they after it. */
function passed(step: Step, items: readonly Item[]): { steps: readonly Step[]; items: Item[] } {
  const left: Item[] = [];
  let steps: readonly Step[] = [step];
  for (const { edits, move } of stretches(items)) {
    for (const item of partedFor(steps, edits)) {
      const met = meet(steps, item);
      steps = met.steps;
      left.push(...met.items);
    }
    if (move === undefined) continue;
    const met = meet(steps, move);
    steps = met.steps;
    left.push(...met.items);
  }
  return { steps, items: left };
}

/** A move may take parts of two texts into one: there their edits stand in the order of the log. */
function partedFor(steps: readonly Step[], edits: readonly Item[]): readonly Item[] {
  const [move] = steps;
  if (move === undefined || move.op === "edit") return edits;
  const ids = [move.id, targetOf(move)];
  return edits
    .flatMap((item) => (item.step.attr === move.attr && ids.includes(item.step.id) ? partsOf(item) : [item]))
    .sort((a, b) => a.order - b.order);
}

/** The edits of each text put together, as long as nothing moves: pieces of about the same size each time, n of them in n · log n. */
function gathered(items: readonly Item[]): Item[] {
  return stretches(items).flatMap(({ edits, move }) => {
    const texts = new Map<string, Item[]>();
    for (const item of edits) {
      const text = JSON.stringify([item.step.id, item.step.attr]);
      const pieces = texts.get(text) ?? [];
      texts.set(text, pieces);
      let last = item;
      for (let before = pieces.at(-1); before !== undefined && before.size <= last.size; before = pieces.at(-1)) {
        pieces.pop();
        last = merged(before, last);
      }
      pieces.push(last);
    }
    const all = [...texts.values()].flat();
    return move === undefined ? all : [...all, move];
  });
}
