import { type Bridge, unitsBefore } from "./bridge.ts";
import type { Item } from "./item.ts";
import type { Step } from "./step.ts";
import { addItem, after, copied, type Stretch, since, upTo } from "./stretch.ts";

export interface LongBridge extends Bridge {
  readonly stretches: readonly Stretch[];
  /** How many are in memory, put together or not. */
  readonly held: number;
  copy(): LongBridge;
  /** Those up to `seq`, from where the author is. */
  until(seq: number): readonly Step[];
  /** Puts others in place of the stretches that come to the same. */
  replace(stretches: Stretch[]): void;
}

/** A bridge that puts many edits of one text together, and has those of each text by themselves: for years of absence, and thousands of rows. */
export function createLongBridge(): LongBridge {
  return bridgeOf([{ edits: new Map() }], 0, Number.POSITIVE_INFINITY);
}

function bridgeOf(known: Stretch[], count: number, from: number): LongBridge {
  let stretches = known;
  let order = count;
  /** No event in it is older. */
  let oldest = from;
  return {
    add: (seq, steps) => {
      oldest = Math.min(oldest, seq);
      for (const step of steps) {
        // No step of the author comes to anything else because of a mark.
        if (step.op === "mark") continue;
        const edits = stretches.at(-1)?.edits ?? new Map();
        if (step.op === "edit")
          addItem(edits, step, { changes: step.changes, first: seq, last: seq, order: order++, size: 1 });
        else stretches.splice(-1, 1, { edits, move: { seq, step } }, { edits: new Map() });
      }
    },
    take: (step) => {
      const taken = after(step, stretches);
      stretches = taken.stretches;
      return taken.steps;
    },
    advance: (seq) => {
      if (seq < oldest) return;
      stretches = since(stretches, seq);
      oldest = seq + 1;
    },
    until: (seq) => stepsOf(upTo(stretches, seq)),
    lengthOf: (id, attr, now) => unitsBefore(stepsOf(stretches), id, attr, now),
    copy: () => bridgeOf(copied(stretches), order, oldest),
    replace(others) {
      stretches = others;
    },
    get stretches() {
      return stretches;
    },
    get size() {
      return sumOf(stretches, () => 1);
    },
    get held() {
      return sumOf(stretches, ({ size }) => size);
    },
    get steps() {
      return stepsOf(stretches);
    },
  };
}

function sumOf(stretches: readonly Stretch[], weigh: (item: Item) => number): number {
  let sum = 0;
  for (const { edits, move } of stretches) {
    for (const { items } of edits.values()) for (const item of items) sum += weigh(item);
    if (move) sum++;
  }
  return sum;
}

function stepsOf(stretches: readonly Stretch[]): readonly Step[] {
  return stretches.flatMap(({ edits, move }) => {
    const steps = [...edits.values()].flatMap(({ id, attr, items }) =>
      items.map(({ changes }): Step => ({ op: "edit", id, attr, changes })),
    );
    return move ? [...steps, move.step] : steps;
  });
}
