import { LIMITS } from "../protocol/index.ts";

/**
 * Whose turn it is. A round is from one timer of none to the next: behind whatever has arrived by then. In a round everyone may have
 * a share of work done at once; what they send beyond waits for a later round, in its order, and those who wait take turns. So
 * who floods waits for himself, and who sends little is served when it comes. Work is counted, as the clock stands still in
 * production while code runs; a unit is what it takes to parse a character of the log, 1 Mi are about 15 ms.
 */
export interface Rounds<T> {
  /** Whether something waits for the next round. */
  readonly waiting: boolean;
  /** Whether what somebody sends now has to wait: for what it has sent before, or as it has had its share. */
  mustWait(who: string): boolean;
  /** Whether somebody has had its share of this round. */
  hasHad(who: string): boolean;
  /** Whether nobody else has done anything in this round, or waits. */
  isAlone(who: string): boolean;
  charge(who: string, work: number): void;
  /** Lets something wait; false where too much waits already. */
  put(who: string, item: T, bytes: number): boolean;
  /** Puts the rest of what was taken back to the front. */
  putBack(who: string, item: T, bytes: number): void;
  /** All that waits, of each in its order. */
  all(): T[];
  /** Lets go of what waits of somebody, or of all. */
  drop(who: string): void;
  clear(): void;
  /** Begins a round. */
  begin(): void;
  /** The next item of whoever has waited longest, as long as this round has time for it. */
  take(): { readonly who: string; readonly item: T } | null;
}

/** What one may have done in a round: 6 ms. */
export const SHARE = 384 * 1024;
/** When all together have had this, whoever has had more than a little waits, too. */
const ROUND = 2 * SHARE;
const LITTLE = 16 * 1024;

interface Queue<T> {
  readonly items: { readonly item: T; readonly bytes: number }[];
  bytes: number;
}

export function createRounds<T>(): Rounds<T> {
  /** Who has waited longest comes first. */
  const queues = new Map<string, Queue<T>>();
  let had = new Map<string, number>();
  let [all, bytes] = [0, 0];

  const hasHad = (who: string) => (had.get(who) ?? 0) >= (all < ROUND ? SHARE : LITTLE);
  const queueOf = (who: string) => {
    const queue = queues.get(who) ?? { items: [], bytes: 0 };
    queues.set(who, queue);
    return queue;
  };
  const count = (queue: Queue<T>, more: number) => {
    queue.bytes += more;
    bytes += more;
  };
  return {
    get waiting() {
      return queues.size > 0;
    },
    mustWait: (who) => queues.has(who) || hasHad(who),
    hasHad,
    isAlone: (who) => queues.size === 0 && had.size <= (had.has(who) ? 1 : 0),
    charge(who, work) {
      had.set(who, (had.get(who) ?? 0) + work);
      all += work;
    },
    put(who, item, size) {
      const before = queues.get(who)?.bytes ?? 0;
      if (before + size > LIMITS.waitingBytes || bytes + size > LIMITS.waitingTotalBytes) return false;
      const queue = queueOf(who);
      queue.items.push({ item, bytes: size });
      count(queue, size);
      return true;
    },
    putBack(who, item, size) {
      const queue = queueOf(who);
      queue.items.unshift({ item, bytes: size });
      count(queue, size);
    },
    all: () => [...queues.values()].flatMap(({ items }) => items.map(({ item }) => item)),
    drop(who) {
      bytes -= queues.get(who)?.bytes ?? 0;
      queues.delete(who);
    },
    clear() {
      queues.clear();
      bytes = 0;
    },
    begin() {
      had = new Map();
      all = 0;
    },
    take() {
      if (all >= SHARE) return null;
      const [first] = queues;
      if (!first) return null;
      const [who, queue] = first;
      queues.delete(who);
      const next = queue.items.shift();
      if (!next) return null;
      count(queue, -next.bytes);
      if (queue.items.length > 0) queues.set(who, queue);
      return { who, item: next.item };
    },
  };
}
