import { checkTree, fromData, type MapStore, mutate, type Operation } from "../src/tree/index.ts";

/** Rates of a prototype over typed arrays, measured in Node 24 before this was written: the bar is half of them. */
const PROTOTYPE = { insert: 1_900_000, move: 2_300_000, update: 6_000_000 };

export interface TreeRate {
  readonly operation: keyof typeof PROTOTYPE;
  /** Operations per second: the best of the rounds, which other work on the machine disturbs least. */
  readonly rate: number;
  readonly bar: number;
}

/**
 * The tree core alone: single-operation mutations with their inverses, over a Map, on a tree of `size` nodes of which
 * a hundred are parents. Decoding, log and network are not in it.
 */
export function benchTree({ size, rounds, seed }: { size: number; rounds: number; seed: number }): TreeRate[] {
  const best = { insert: 0, move: 0, update: 0 };
  for (let round = 0; round < rounds; round++) {
    const { inserts, moves, updates } = workload(size, seed);
    const store = fromData({ id: "root", type: "document" }, () => "unused");
    const clock = { seq: 0 };
    best.insert = Math.max(best.insert, run(store, inserts, clock));
    best.move = Math.max(best.move, run(store, moves, clock));
    best.update = Math.max(best.update, run(store, updates, clock));
    const problems = checkTree(store, store.records());
    if (problems.length > 0) throw new Error(problems.join("\n"));
  }
  const operations = ["insert", "move", "update"] as const;
  return operations.map((operation) => ({ operation, rate: best[operation], bar: PROTOTYPE[operation] / 2 }));
}

function run(store: MapStore, operations: readonly Operation[], clock: { seq: number }): number {
  const lists = operations.map((operation) => [operation]);
  const context = { newId: () => "unused" };
  const start = performance.now();
  for (const list of lists) {
    clock.seq++;
    const verdict = mutate(store, list, { ...context, seq: clock.seq });
    if (!verdict.ok) throw new Error(verdict.message);
  }
  return (operations.length / (performance.now() - start)) * 1000;
}

function workload(size: number, seed: number) {
  const random = createRandom(seed);
  const parents = Math.min(100, size / 2);
  const id = (index: number) => `n${index}`;
  const parent = () => id(random(parents));
  const inserts = Array.from({ length: size }, (_, index): Operation => {
    const node = { id: id(index), type: "item", attrs: { text: `row ${index}` } };
    return { op: "insert", node, parent: index < parents ? "root" : parent() };
  });
  const moves = Array.from(
    { length: size },
    (): Operation => ({ op: "move", id: id(parents + random(size - parents)), parent: parent(), after: null }),
  );
  const updates = Array.from(
    { length: size },
    (_, index): Operation => ({ op: "update", id: id(random(size)), attrs: { done: index } }),
  );
  return { inserts, moves, updates };
}

/** xorshift32: the same numbers from the same seed, on every machine. */
function createRandom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
