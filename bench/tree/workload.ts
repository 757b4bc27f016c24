import { createRandom } from "../load/random.ts";

/** A node is a number here; each system gives it the id that its documents would have. This one is the root. */
export const ROOT = -1;

/** One user action on a tree. A new node comes last among its siblings, a moved one first. */
export type Step =
  | { readonly op: "insert"; readonly node: number; readonly parent: number; readonly text: string }
  | { readonly op: "move"; readonly node: number; readonly parent: number }
  | { readonly op: "update"; readonly node: number; readonly done: number };

export const PHASES = ["insert", "move", "update"] as const;
export type Phase = (typeof PHASES)[number];
export type Workload = Readonly<Record<Phase, readonly Step[]>>;

/**
 * As many inserts, moves and updates as the tree has nodes. A hundred nodes below the root are the parents of all
 * others; a move takes one of those to a parent at random, an update any node at random.
 */
export function createWorkload(size: number, seed: number): Workload {
  const random = createRandom(seed);
  const parents = Math.min(100, size / 2);
  const each = (step: (index: number) => Step) => Array.from({ length: size }, (_, index) => step(index));
  return {
    insert: each((node) => ({
      op: "insert",
      node,
      parent: node < parents ? ROOT : random(parents),
      text: `row ${node}`,
    })),
    move: each(() => ({ op: "move", node: parents + random(size - parents), parent: random(parents) })),
    update: each((done) => ({ op: "update", node: random(size), done })),
  };
}
