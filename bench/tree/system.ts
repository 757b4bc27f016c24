import type { Step } from "./workload.ts";

/** Whether every step is a mutation, transaction, change or commit of its own, or all steps are one. */
export type Commits = "each" | "once";

/** A tree core as the benchmark sees it: ours, and each peer's. */
export interface TreeSystem {
  create(): BenchTree;
  load(snapshot: Uint8Array): BenchTree;
}

export interface BenchTree {
  /**
   * Writes steps down in the system's own terms, before the clock runs, and gives what performs them. Whatever a
   * user of the system could have at hand (ids, handles, order keys) is made here, so that it costs nothing.
   */
  prepare(steps: readonly Step[], commits: Commits): () => void;
  /** The node's id in the system's terms, the same before and after a load. */
  key(node: number): string;
  /** Moves a node to the first place of a parent and updates it: what a loaded tree must be able to do. */
  touch(key: string, parent: string): void;
  save(): Uint8Array;
  /** Every node, siblings in their order. */
  nodes(): Iterable<BenchNode>;
  /** Gives back what no garbage collector does. */
  free(): void;
}

export interface BenchNode {
  readonly key: string;
  /** Null below the root. */
  readonly parent: string | null;
  readonly text: unknown;
  readonly done: unknown;
}
