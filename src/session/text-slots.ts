import { LIMITS } from "../protocol/index.ts";

/**
 * Who is finding out in several turns what it has not seen of texts. Only a few are at a time, and what they have done so far is not let
 * go for the sake of others: else those who take turns would begin anew for ever. All others who take more than one turn wait; whoever
 * has seen nearly all is through in one, and waits for nobody.
 */
export interface Slots<Who, T> {
  of(who: Who): T | undefined;
  /** Whether somebody has to wait for others before it does anything. */
  mustWait(who: Who): boolean;
  /** Keeps what somebody has done so far, of which so many bytes are in memory; without a slot that is lost. */
  put(who: Who, done: T, held: number): void;
  /** It is through. */
  leave(who: Who): void;
}

interface Slot<Who, T> {
  readonly done: T;
  readonly held: number;
  /** How often others have waited since it was met. */
  readonly met: Map<Who, number>;
}

const SLOTS = 4;
/** With more in memory one goes on at a time. Bytes. */
const MUCH = LIMITS.unseenBytes / 8;
/** Whoever does not go on is forgotten when another has waited so often. */
const FORGOTTEN = 64;
/** Past so many they are met anew, for a turn each. */
const MOST_OUTSIDE = 1_024;

export function createSlots<Who, T>(): Slots<Who, T> {
  /** Whoever was met last is last. */
  const slots = new Map<Who, Slot<Who, T>>();
  let large: Who | null = null;
  /** Who is known to take more than one turn, and has no slot. */
  const outside = new Set<Who>();
  const leave = (who: Who) => {
    outside.delete(who);
    if (large === who) large = null;
    slots.delete(who);
  };
  /** Whether somebody waits for another once more. */
  const waitsFor = (other: Who, who: Who) => {
    const slot = slots.get(other);
    const met = (slot?.met.get(who) ?? 0) + 1;
    slot?.met.set(who, met);
    if (slot && met <= FORGOTTEN) return true;
    leave(other);
    return false;
  };
  const mustWait = (who: Who): boolean => {
    const own = slots.get(who);
    if (own && own.held <= MUCH) return false;
    if (own) {
      if (large !== null && large !== who && waitsFor(large, who)) {
        // It is there all the same.
        slots.delete(who);
        slots.set(who, { ...own, met: new Map() });
        return true;
      }
      large = who;
      return false;
    }
    if (!outside.has(who) || slots.size < SLOTS) return false;
    const [oldest] = slots.keys();
    return oldest !== undefined && waitsFor(oldest, who);
  };
  return {
    of: (who) => slots.get(who)?.done,
    mustWait,
    put(who, done, held) {
      const isOutside = !slots.delete(who) && slots.size >= SLOTS;
      if (outside.size >= MOST_OUTSIDE) outside.clear();
      if (isOutside) outside.add(who);
      else {
        outside.delete(who);
        slots.set(who, { done, held, met: new Map() });
      }
    },
    leave,
  };
}
