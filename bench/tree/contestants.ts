import { existsSync } from "node:fs";
import type { Commits } from "./system.ts";

/** One process of the comparison: which module, what it exports, and how its steps are committed. */
export interface Contestant {
  readonly name: string;
  /** What its snapshots are, where that needs to be said. */
  readonly snapshot?: string;
  /** Seen from here. A peer's is imported by this string alone, so that all else compiles without the peers. */
  readonly module: string;
  readonly exported: string;
  readonly commits: Commits;
  /** How many steps of a phase are timed, the last ones; those before are one commit. Default: all. */
  readonly timed?: number;
  /** Trees of more nodes are left out. */
  readonly largest?: number;
  /** The directory in bench/node_modules without which it cannot run. */
  readonly needs?: string;
}

export const OURS = "durable-grove";
export const LORO = "LoroTree";

/** Twice where one commit for everything is faster than one for every operation: like is compared with like. */
export const contestants: readonly Contestant[] = [
  { name: OURS, module: "./ours.ts", exported: "system", commits: "each" },
  { name: OURS, module: "./ours.ts", exported: "system", commits: "once" },
  {
    name: LORO,
    snapshot: "with history",
    module: "../peers/tree/loro.ts",
    exported: "system",
    commits: "each",
    needs: "loro-crdt",
  },
  {
    name: LORO,
    snapshot: "without history",
    module: "../peers/tree/loro.ts",
    exported: "shallow",
    commits: "once",
    needs: "loro-crdt",
  },
  { name: "Yjs", module: "../peers/tree/yjs.ts", exported: "system", commits: "each", needs: "yjs" },
  {
    // A change costs some 7 ms in a document of 10 000 nodes, more in a larger one.
    name: "Automerge",
    module: "../peers/tree/automerge.ts",
    exported: "system",
    commits: "each",
    timed: 50,
    largest: 10_000,
    needs: "@automerge/automerge",
  },
];

/** Why a contestant cannot take part, or null. */
export function whyNot({ needs, largest = Number.POSITIVE_INFINITY }: Contestant, size: number): string | null {
  if (needs && !existsSync(new URL(`../node_modules/${needs}`, import.meta.url))) {
    return `${needs} is not installed: npm ci in bench/`;
  }
  return size > largest ? `it would take too long with more than ${largest} nodes` : null;
}
