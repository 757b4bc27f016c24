import { growth } from "./changes.ts";
import { baseOf, type Step, targetOf } from "./step.ts";
import { addItem, after, editsOf, type Stretch, since } from "./stretch.ts";

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
  /** About how many there are of them: what it takes to get past all. */
  readonly size: number;
  /** They lead from where the author is to what there is now. */
  readonly steps: readonly Step[];
}

export function createBridge(): Bridge {
  return bridgeOf([{ edits: new Map() }], 0, Number.POSITIVE_INFINITY);
}

function bridgeOf(known: Stretch[], count: number, from: number): Bridge {
  let stretches = known;
  let order = count;
  /** No event in it is older. */
  let oldest = from;
  return {
    add: (seq, steps) => {
      oldest = Math.min(oldest, seq);
      for (const step of steps) {
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
    lengthOf: (id, attr, now) => {
      let more = 0;
      for (const { edits, move } of stretches) {
        for (const { changes } of editsOf(edits, id, attr)) more += growth(changes);
        if (move?.step.attr !== attr) continue;
        if (move.step.id === id) return move.step.length - more;
        if (targetOf(move.step) === id) return baseOf(move.step) - more;
      }
      return now - more;
    },
    copy: () =>
      bridgeOf(
        stretches.map(({ edits, move }) => ({ edits: new Map(edits), move })),
        order,
        oldest,
      ),
    get size() {
      return stretches.reduce((sum, { edits, move }) => sum + edits.size + (move ? 1 : 0), 0);
    },
    get steps() {
      return stretches.flatMap(({ edits, move }) => [
        ...[...edits.values()].flatMap(({ id, attr, items }) =>
          items.map(({ changes }): Step => ({ op: "edit", id, attr, changes })),
        ),
        ...(move ? [move.step] : []),
      ]);
    },
  };
}
