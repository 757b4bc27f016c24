import { LIMITS } from "../protocol/index.ts";

/**
 * Whose turn it is. In a round everyone may have a share of work done at once; what they send beyond waits for a later round, in
 * its order, and those who wait take turns. So who floods waits for himself, and who sends little is served when it comes. A
 * round lasts until the next timer of none, behind whatever has arrived by then, where something waits; and else as long as a
 * clock takes. Work is counted, as the clock stands still in production while code runs; a unit is what it takes to parse a
 * character of the log, 1 Mi are about 15 ms.
 */
export interface Rounds<T> {
  /** Whether something waits for the next round, and how many characters that takes. */
  readonly waiting: boolean;
  readonly characters: number;
  /** Something has come at a time, Unix milliseconds: by then it may be another round. */
  arrive(now: number): void;
  /** Whether what somebody sends now has to wait: for what it has sent before, or as it has had its share. */
  mustWait(who: string): boolean;
  /** Whether somebody has had its share of this round. */
  hasHad(who: string): boolean;
  /** Whether something waits, or as much as a share has been done by all together: what is more than a little has to wait. */
  readonly busy: boolean;
  /** Whether nobody else has done anything in this round, or waits. */
  isAlone(who: string): boolean;
  charge(who: string, work: number): void;
  /**
   * Lets something wait. Where too much waits then, what waits of whoever has most waiting is let go: it is named, and may be
   * the same one.
   */
  put(who: string, item: T, characters: number): string | null;
  /** Puts the rest of what was taken back to the front. */
  putBack(who: string, item: T, characters: number): void;
  /** Everything that waits. */
  all(): T[];
  /** Lets go of some of it, or of all. */
  drop(which: (item: T) => boolean): void;
  clear(): void;
  /** Begins a round. */
  begin(): void;
  /** The next item of whoever has waited longest, as long as this round has time for it. */
  take(): T | null;
}

/** What one may have done in a round: 2 ms. */
export const SHARE = 128 * 1024;
/**
 * When all together have had this, whoever has had more than a little waits, too. Sixteen who write as fast as they can have
 * less in the time that a round lasts: to let them wait cost a third of what they wrote (2026-11-27).
 */
const ROUND = 8 * SHARE;
const LITTLE = 16 * 1024;

/** Milliseconds; a round that nothing waits for is over then. */
const LENGTH = 10;

/** What a frame takes beside its text, in characters. */
const FRAME = 256;

interface Queue<T> {
  items: { readonly item: T; readonly size: number }[];
  size: number;
}

export function createRounds<T>(): Rounds<T> {
  /** Who has waited longest comes first. */
  const queues = new Map<string, Queue<T>>();
  let had = new Map<string, number>();
  let [all, waiting, began] = [0, 0, 0];

  const hasHad = (who: string) => (had.get(who) ?? 0) >= (all < ROUND ? SHARE : LITTLE);
  const queueOf = (who: string) => {
    const queue = queues.get(who) ?? { items: [], size: 0 };
    queues.set(who, queue);
    return queue;
  };
  const count = (queue: Queue<T>, more: number) => {
    queue.size += more;
    waiting += more;
  };
  const letGo = (who: string) => {
    waiting -= queues.get(who)?.size ?? 0;
    queues.delete(who);
  };
  const begin = () => {
    had = new Map();
    all = 0;
  };
  return {
    get waiting() {
      return queues.size > 0;
    },
    get characters() {
      return waiting;
    },
    arrive(now) {
      // Also where the clock was set back.
      if (queues.size > 0 || Math.abs(now - began) < LENGTH) return;
      begin();
      began = now;
    },
    get busy() {
      return queues.size > 0 || all >= SHARE;
    },
    mustWait: (who) => queues.has(who) || hasHad(who),
    hasHad,
    isAlone: (who) => queues.size === 0 && had.size <= (had.has(who) ? 1 : 0),
    charge(who, work) {
      had.set(who, (had.get(who) ?? 0) + work);
      all += work;
    },
    put(who, item, characters) {
      const queue = queueOf(who);
      const size = characters + FRAME;
      queue.items.push({ item, size });
      count(queue, size);
      let most: string | null = queue.size > LIMITS.waitingCharacters ? who : null;
      if (most === null && waiting > LIMITS.waitingTotal) {
        most = who;
        for (const [other, { size: has }] of queues) if (has > (queues.get(most)?.size ?? 0)) most = other;
      }
      if (most !== null) letGo(most);
      return most;
    },
    putBack(who, item, characters) {
      const queue = queueOf(who);
      queue.items.unshift({ item, size: characters + FRAME });
      count(queue, characters + FRAME);
    },
    all: () => [...queues.values()].flatMap(({ items }) => items.map(({ item }) => item)),
    drop(which) {
      for (const [who, queue] of queues) {
        const left = queue.items.filter(({ item }) => !which(item));
        count(queue, left.reduce((sum, { size }) => sum + size, 0) - queue.size);
        queue.items = left;
        if (left.length === 0) queues.delete(who);
      }
    },
    clear() {
      queues.clear();
      waiting = 0;
    },
    begin,
    take() {
      if (all >= SHARE) return null;
      const [first] = queues;
      if (!first) return null;
      const [who, queue] = first;
      queues.delete(who);
      const next = queue.items.shift();
      if (!next) return null;
      count(queue, -next.size);
      if (queue.items.length > 0) queues.set(who, queue);
      return next.item;
    },
  };
}
