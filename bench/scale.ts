import type { SideName, Turns, WaitsScale } from "./before/kinds.ts";
import type { DocumentSize } from "./history/document.ts";
import type { Times } from "./load/crew.ts";
import type { Kind } from "./load/workload.ts";
import type { TreeCoreSize } from "./tree/run.ts";

/** How much of everything is measured. */
export interface Scale {
  readonly mode: "full" | "quick" | "smoke";
  /** Of what a bar is about, and of the other loads; the systems in turns. */
  readonly repetitions: number;
  readonly others: number;
  readonly times: Times;
  readonly throughput: readonly { readonly writers: number; readonly kind: Kind }[];
  readonly subscribers: readonly number[];
  /** Nodes of the documents that everyone is measured with. */
  readonly sizes: readonly number[];
  /** How often a join, a resume, a start is measured with each size. */
  readonly visits: number;
  readonly tree: readonly TreeCoreSize[];
  /** How many of the real histories are replayed, the smaller ones first. */
  readonly traces: number;
  /** Typing: how many type, minutes of one person, keys missed by a client, traces replayed, rows that a client holds, keys offline. */
  readonly text: {
    readonly typists: number;
    readonly minutes: number;
    readonly missed: number;
    readonly traces: number;
    readonly rows: number;
    readonly offline: number;
  };
  /** What every call of history is made of. */
  readonly history: readonly DocumentSize[];
  /** Of the document that is larger than memory; none: it is left out. */
  readonly large: {
    readonly nodes: number;
    readonly others: readonly number[];
    readonly visits: number;
    readonly wakeUps: number;
  } | null;
  /** Of the document that is forked. */
  readonly fork: { readonly nodes: number };
  /** Beside the code before. */
  readonly before: {
    readonly branch: {
      readonly nodes: number;
      readonly rounds: number;
      /** Whether only the last checkpoint is waited for: rows that mean nothing may be counted before they are written. */
      readonly hurries: boolean;
    };
    readonly reading: { readonly nodes: number; readonly visits: number };
    readonly deep: { readonly visits: number; readonly levels: Readonly<Record<SideName, readonly number[]>> };
    readonly core: { readonly beside: readonly TreeCoreSize[]; readonly turns: readonly Turns[] };
    readonly waits: WaitsScale;
  };
  /** How long each attack lasts, in milliseconds, and how often it is made. */
  readonly abuse: { readonly lasts: number; readonly runs: Readonly<Record<SideName, number>> };
}

export const SCALES: Readonly<Record<Scale["mode"], Scale>> = {
  full: {
    mode: "full",
    repetitions: 3,
    others: 2,
    times: { warmUp: 1_000, measured: 2_500 },
    throughput: [
      { writers: 1, kind: "update" },
      { writers: 4, kind: "update" },
      { writers: 16, kind: "update" },
      { writers: 64, kind: "update" },
      { writers: 16, kind: "insert" },
      { writers: 16, kind: "move" },
      { writers: 16, kind: "mixed" },
    ],
    subscribers: [1, 100, 500, 2_000],
    sizes: [1_000, 10_000, 100_000],
    visits: 5,
    tree: [
      { size: 10_000, rounds: 15, sampledRounds: 2 },
      { size: 100_000, rounds: 2 },
    ],
    traces: 2,
    text: { typists: 16, minutes: 5, missed: 1_000, traces: 2, rows: 10_000, offline: 50_000 },
    history: [
      { nodes: 1_000, events: 1_000_000 },
      { nodes: 1_000_000, events: 60_000 },
    ],
    large: { nodes: 1_000_000, others: [1_000, 100_000], visits: 5, wakeUps: 3 },
    fork: { nodes: 1_000_000 },
    before: {
      branch: { nodes: 100_000, rounds: 2, hurries: false },
      reading: { nodes: 100_000, visits: 3 },
      deep: { visits: 7, levels: { now: [1_000], before: [1_000, 30_000] } },
      core: {
        beside: [
          { size: 10_000, rounds: 6 },
          { size: 100_000, rounds: 2 },
        ],
        turns: [
          { size: 10_000, trees: 4, batches: 10, warmUp: 20, processes: 4 },
          { size: 100_000, trees: 1, batches: 8, warmUp: 10, processes: 4 },
        ],
      },
      waits: { nodes: 1_000_000, history: 20_000, rounds: { now: 3, before: 1 }, margin: 200 },
    },
    abuse: { lasts: 10_000, runs: { now: 2, before: 1 } },
  },
  quick: {
    mode: "quick",
    repetitions: 1,
    others: 1,
    times: { warmUp: 700, measured: 2_000 },
    throughput: [{ writers: 16, kind: "update" }],
    subscribers: [100],
    sizes: [1_000, 10_000],
    visits: 2,
    tree: [{ size: 10_000, rounds: 4, sampledRounds: 1 }],
    traces: 1,
    text: { typists: 16, minutes: 1, missed: 1_000, traces: 1, rows: 10_000, offline: 50_000 },
    history: [
      { nodes: 1_000, events: 50_000 },
      { nodes: 50_000, events: 3_000 },
    ],
    large: null,
    fork: { nodes: 100_000 },
    before: {
      branch: { nodes: 30_000, rounds: 1, hurries: false },
      reading: { nodes: 30_000, visits: 2 },
      deep: { visits: 3, levels: { now: [1_000], before: [1_000, 30_000] } },
      core: {
        beside: [{ size: 10_000, rounds: 4 }],
        turns: [{ size: 10_000, trees: 4, batches: 8, warmUp: 20, processes: 3 }],
      },
      waits: { nodes: 100_000, history: 5_000, rounds: { now: 2, before: 1 }, margin: 200 },
    },
    abuse: { lasts: 3_000, runs: { now: 1, before: 1 } },
  },
  smoke: {
    mode: "smoke",
    repetitions: 1,
    others: 1,
    times: { warmUp: 100, measured: 200 },
    throughput: [{ writers: 2, kind: "mixed" }],
    subscribers: [3],
    sizes: [50],
    visits: 1,
    tree: [{ size: 200, rounds: 1 }],
    traces: 0,
    text: { typists: 3, minutes: 0, missed: 20, traces: 0, rows: 200, offline: 200 },
    history: [{ nodes: 200, events: 2_000 }],
    large: { nodes: 2_000, others: [100], visits: 1, wakeUps: 0 },
    fork: { nodes: 500 },
    before: {
      branch: { nodes: 1_000, rounds: 1, hurries: true },
      reading: { nodes: 1_000, visits: 1 },
      deep: { visits: 1, levels: { now: [100], before: [100, 1_000] } },
      core: {
        beside: [{ size: 200, rounds: 1 }],
        turns: [{ size: 2_000, trees: 2, batches: 1, warmUp: 1, processes: 1 }],
      },
      waits: { nodes: 4_000, history: 500, rounds: { now: 1, before: 1 }, margin: 50 },
    },
    abuse: { lasts: 1_000, runs: { now: 1, before: 0 } },
  },
};
