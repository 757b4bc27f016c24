import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { assertSame, describe, digest } from "./compare.ts";
import type { Contestant } from "./contestants.ts";
import type { BenchTree, TreeSystem } from "./system.ts";
import { createWorkload, PHASES, type Phase } from "./workload.ts";

// One contestant's process. The parent sends tasks as JSON, one at a time; each is answered with a result as JSON.

export type Task =
  | {
      readonly task: "round";
      readonly contestant: Contestant;
      readonly size: number;
      readonly seed: number;
      readonly file: string;
    }
  | {
      readonly task: "rates";
      readonly contestant: Contestant;
      readonly size: number;
      readonly seed: number;
      /** Trees, one after the other; and how many smaller ones come before them, while code is still being compiled. */
      readonly rounds: number;
      readonly warmUp: number;
    }
  | {
      readonly task: "memory";
      readonly contestant: Contestant;
      readonly file: string;
      readonly keys: readonly [string, string];
    };

/** Steps per second. */
export type Rates = Readonly<Record<Phase, number>>;

export interface Round {
  readonly rates: Rates;
  /** Milliseconds. */
  readonly save: number;
  readonly load: number;
  readonly bytes: number;
  readonly digest: string;
  /** The ids of the last node and of a parent. */
  readonly keys: readonly [string, string];
}

/** Bytes held more than before the load. */
export interface Memory {
  readonly heap: number;
  /**
   * What V8 knows of outside of its heap: buffers and the memory of WebAssembly (with both peers of Rust its growth was
   * this figure to the byte, but for 40; Node 24). That one never shrinks: what was freed inside of it still counts.
   */
  readonly external: number;
}

process.on("message", (message) => {
  if (typeof message !== "string") return;
  const task: Task = JSON.parse(message);
  perform(task).then((result) => process.send?.(JSON.stringify(result)));
});

async function perform(task: Task): Promise<Round | Rates | Memory> {
  const module: Record<string, TreeSystem> = await import(task.contestant.module);
  const system = module[task.contestant.exported];
  if (!system) throw new Error(`${task.contestant.module} has no ${task.contestant.exported}`);
  switch (task.task) {
    case "round":
      return round(system, task);
    case "rates":
      return rates(system, task);
    case "memory":
      return memory(system, task);
  }
}

const SMALL = 10_000;

/**
 * Many trees, of which nothing else is asked: steps per second of the process's time on any core, its collector's
 * included. That tells little of a single tree, as it is counted in ticks, but the same however busy the machine is.
 */
function rates(system: TreeSystem, { contestant, size, seed, rounds, warmUp }: Task & { task: "rates" }): Rates {
  const spent = { insert: 0, move: 0, update: 0 };
  for (let round = -warmUp; round < rounds; round++) {
    const workload = createWorkload(round < 0 ? Math.min(size, SMALL) : size, seed);
    const tree = system.create();
    for (const phase of PHASES) {
      const perform = tree.prepare(workload[phase], contestant.commits);
      const start = process.cpuUsage();
      perform();
      const { user, system: kernel } = process.cpuUsage(start);
      if (round >= 0) spent[phase] += (user + kernel) / 1_000_000;
    }
    tree.free();
  }
  const rate = (phase: Phase) => (rounds * size) / spent[phase];
  return { insert: rate("insert"), move: rate("move"), update: rate("update") };
}

/** A new tree every time. Its snapshot and its description are left in files. */
function round(system: TreeSystem, { contestant, size, seed, file }: Task & { task: "round" }): Round {
  const workload = createWorkload(size, seed);
  const tree = system.create();
  const rate = (phase: Phase) => {
    const steps = workload[phase];
    const untimed = Math.max(0, steps.length - (contestant.timed ?? steps.length));
    if (untimed > 0) tree.prepare(steps.slice(0, untimed), "once")();
    const perform = tree.prepare(steps.slice(untimed), contestant.commits);
    return ((steps.length - untimed) / milliseconds(perform)) * 1000;
  };
  const rates = { insert: rate("insert"), move: rate("move"), update: rate("update") };
  const text = describe(tree, size, tree.key);
  let snapshot = new Uint8Array();
  const save = milliseconds(() => {
    snapshot = new Uint8Array(tree.save());
  });
  const whole = system.load(snapshot);
  assertSame(contestant.name, text, "what it loads", describe(whole, size, tree.key));
  whole.free();
  const keys = [tree.key(size - 1), tree.key(0)] as const;
  const loaded: BenchTree[] = [];
  // Some decode lazily: loaded means that a node has been moved and updated.
  const load = milliseconds(() => {
    const other = system.load(snapshot);
    other.touch(...keys);
    loaded.push(other);
  });
  writeFileSync(`${file}.snapshot`, snapshot);
  writeFileSync(`${file}.txt`, text);
  for (const each of [tree, ...loaded]) each.free();
  return { rates, save, load, bytes: snapshot.length, digest: digest(text), keys };
}

/**
 * What a loaded tree holds, in a process that has done nothing else: garbage is collected before and after. Every node
 * is read once, so that nothing is left undecoded.
 */
async function memory(system: TreeSystem, { file, keys }: Task & { task: "memory" }): Promise<Memory> {
  // What is made once, by the first document, is not the tree's.
  const empty = system.create();
  let snapshot: Uint8Array | null = new Uint8Array(readFileSync(`${file}.snapshot`));
  const bytes = snapshot.length;
  const before = await held();
  const tree = system.load(snapshot);
  snapshot = null;
  tree.touch(...keys);
  for (const _ of tree.nodes());
  const after = await held();
  tree.free();
  empty.free();
  // The snapshot was held before and is not any more.
  const external = Math.max(0, after.external - before.external + bytes);
  return { heap: after.heap - before.heap, external };
}

/** Some of what a module leaves behind after it was loaded can be collected a moment later only. */
async function held(): Promise<Memory> {
  if (!global.gc) throw new Error("memory is measured with --expose-gc");
  for (let time = 0; time < 4; time++) {
    global.gc();
    await setTimeout(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
