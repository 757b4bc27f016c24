import { LIMITS } from "../protocol/index.ts";
import {
  besideReplaced,
  createLongBridge,
  entriesOf,
  inTheWay,
  isBlurred,
  type LongBridge,
  type Step,
  shortened,
  weigh,
} from "../text/index.ts";

/** What others have done to texts that an author has not seen, as far as one client may keep it in memory. */
export interface UnseenTexts {
  /** An event of somebody else, in the order of the log. */
  add(seq: number, steps: readonly Step[]): void;
  /** What a step of the author comes to; these then stand behind it. Where it replaces a text whole that is nothing here. */
  take(step: Step): readonly Step[];
  /** The author has seen everything up to `seq`. False where nobody knows any more which of these are later. */
  advance(seq: number): boolean;
  /** The units that a text had for the author, from those that it has now. */
  lengthOf(id: string, attr: string, now: number): number;
  copy(): UnseenTexts;
  /** What `take` would take, in pairs of steps. */
  pairsOf(step: Step): number;
  /** About how many they are; 0 where there are none. */
  readonly size: number;
  /** They are past what one client may have in memory, put together or not. */
  readonly isTooMuch: boolean;
  /** Bytes in memory, about. */
  readonly held: number;
  /** What all that took so far, in the unit of `Meter`. */
  readonly work: number;
}

/** A pair of steps in the unit of `Meter`: a step and a move elsewhere. A move of the same text takes as long as so many, or as the changes of the step have entries. */
export const PAIR = 16;
const OWN = 6;
/** So many entries of changes take as long as one. */
const CHANGES = 4;
/** To take up a step, and to weigh one or put it together with others. */
const ADDED = 256;
const LOOKED_AT = 16;
/** A step in memory, with what the entries of its changes take. Bytes. */
const STEP = 448;
/** It is not worth it to weigh again what so few less are. */
const FEW = 64;
/** They are weighed when so much has come. Bytes. */
const MUCH = 1024 * 1024;

/** `seqs`, in order: what the author had seen whenever it did what it has in flight. */
export function createUnseenTexts(seqs: readonly number[]): UnseenTexts {
  return unseenOf(createLongBridge(), seqs, { steps: 0, mostSteps: LIMITS.unseenSteps, bytes: 0, mostBytes: MUCH });
}

/** How many there are at most, and when to look. */
interface Count {
  steps: number;
  mostSteps: number;
  bytes: number;
  mostBytes: number;
}

function unseenOf(bridge: LongBridge, seqs: readonly number[], from: Count): UnseenTexts {
  const count = { ...from };
  let work = 0;
  const recount = () => {
    const { steps, bytes } = weigh(bridge.stretches);
    work += LOOKED_AT * steps;
    Object.assign(count, { steps, bytes });
  };
  const isMuch = () =>
    Math.max(count.steps, bridge.stretches.length - 1) > count.mostSteps || count.bytes > count.mostBytes;
  const grow = (step: Step) => {
    count.steps++;
    count.bytes += STEP + (step.op === "edit" ? 2 * charactersOf(step.changes) : 0);
    if (!isMuch()) return;
    recount();
    count.mostSteps = LIMITS.unseenSteps;
    if (count.steps > LIMITS.unseenSteps || count.bytes > LIMITS.unseenBytes) {
      work += count.bytes / LOOKED_AT;
      bridge.replace(shortened(bridge.stretches, seqs));
      recount();
      // Moves can't be put together: to look again is worth it when there are twice as many.
      count.mostSteps = Math.max(LIMITS.unseenSteps, 2 * count.steps);
    }
    count.mostBytes = count.bytes + MUCH;
  };
  return {
    add(seq, steps) {
      for (const step of steps) {
        if (step.op === "mark") continue;
        bridge.add(seq, [step]);
        work += ADDED;
        grow(step);
      }
    },
    take(step) {
      work += PAIR * pairsOf(step, bridge);
      if (step.op === "edit" && step.whole) {
        bridge.replace(besideReplaced(bridge.stretches, step.id, step.attr));
        recount();
        return [];
      }
      const steps = bridge.take(step);
      if (!isEmpty(bridge)) grow(step);
      return steps;
    },
    advance(seq) {
      const isKnown = !isBlurred(bridge.stretches, seq);
      bridge.advance(seq);
      // Else who goes on and on would seem to hold all that it has ever had to get past.
      if (count.steps > 2 * bridge.held + FEW) recount();
      work += LOOKED_AT * bridge.stretches.length;
      return isKnown;
    },
    lengthOf(id, attr, now) {
      work += LOOKED_AT * count.steps;
      return bridge.lengthOf(id, attr, now);
    },
    copy: () => unseenOf(bridge.copy(), seqs, count),
    pairsOf: (step) => pairsOf(step, bridge),
    get size() {
      return isEmpty(bridge) ? 0 : Math.max(1, count.steps);
    },
    get isTooMuch() {
      return count.bytes > LIMITS.unseenBytes;
    },
    get held() {
      return count.bytes;
    },
    get work() {
      return work;
    },
  };
}

function isEmpty({ stretches }: LongBridge): boolean {
  return stretches.length === 1 && stretches[0]?.edits.size === 0;
}

function pairsOf(step: Step, { stretches }: LongBridge): number {
  const { moves, own, changes } = inTheWay(step, stretches);
  return moves + (Math.max(OWN, entriesOf(step)) - 1) * own + changes / CHANGES;
}

function charactersOf(changes: readonly (number | string)[]): number {
  let sum = 0;
  for (const change of changes) if (typeof change === "string") sum += change.length;
  return sum;
}
