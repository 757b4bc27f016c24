/** Work that is done in turns. */
interface Work {
  /** Whether there is some. */
  readonly waiting: boolean;
  /** Does the next part of it. */
  next(now: number): void;
}

/** Whose turn it is, where several have work to do. */
export interface Slots {
  readonly waiting: boolean;
  /** Does the next part of whoever's turn it is. */
  next(now: number): void;
}

/** The checkpoint, what was sent, and what takes long to read. */
type Kind = "written" | "received" | "read";

/**
 * What was sent may change two nodes in the time that one takes to be written, and a checkpoint that falls behind ends in a turn
 * that writes all the rest.
 */
const ORDER: readonly Kind[] = ["written", "received", "written", "read", "written", "written"];

export function createSlots(work: Readonly<Record<Kind, Work>>): Slots {
  const order = ORDER.map((kind) => work[kind]);
  /** The first in the order has the next turn, if it has something to do. */
  const pass = () => order.push(...order.splice(0, 1));
  const all = Object.values(work);
  const hasWork = ({ waiting }: Work) => waiting;
  return {
    get waiting() {
      return all.some(hasWork);
    },
    next(now) {
      if (!all.some(hasWork)) return;
      while (order[0] && !hasWork(order[0])) pass();
      const [first] = order;
      pass();
      first?.next(now);
    },
  };
}
