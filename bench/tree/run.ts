import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startContest } from "./children.ts";
import { assertSame } from "./compare.ts";
import type { Memory, Round } from "./contest.ts";
import { type Contestant, contestants, whyNot } from "./contestants.ts";

export interface TreeCoreSize {
  readonly size: number;
  readonly rounds: number;
  /** Rounds of those of which only a sample is timed: they are slow, and vary little. Default: as the others. */
  readonly sampledRounds?: number;
}

/** What one contestant did with a tree of one size. */
export interface Outcome {
  readonly contestant: Contestant;
  readonly size: number;
  readonly rounds: readonly Round[];
  readonly memory: Memory;
}

/**
 * Our tree core beside others: the same operations from the same seed, each system in a process of its own. All must
 * end with the same tree, and load the same tree from what they saved.
 */
export async function runTreeCore(
  seed: number,
  sizes: readonly TreeCoreSize[],
  note: (text: string) => void,
  entered: readonly Contestant[] = contestants,
): Promise<Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), "durable-grove-tree-"));
  try {
    const all: Outcome[] = [];
    for (const each of sizes) {
      const able = entered.filter((contestant) => whyNot(contestant, each.size) === null);
      all.push(...(await compete(able, each, seed, directory)));
      note(`tree core, ${each.size} nodes`);
    }
    return all;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Round by round everybody in turn, so that a bad minute of the machine is everybody's. */
async function compete(able: readonly Contestant[], plan: TreeCoreSize, seed: number, directory: string) {
  const { size, rounds, sampledRounds = rounds } = plan;
  const players = able.map((contestant, index) => {
    const done: Round[] = [];
    return { contestant, contest: startContest(), file: join(directory, `${size}-${index}`), done };
  });
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { contestant, contest, file, done } of players) {
        if (contestant.timed !== undefined && round >= sampledRounds) continue;
        done.push(await contest.round({ task: "round", contestant, size, seed, file }));
      }
      for (const other of players) compareTrees(players[0], other);
    }
  } finally {
    for (const { contest } of players) contest.close();
  }
  const outcomes: Outcome[] = [];
  for (const { contestant, file, done } of players) outcomes.push(await withMemory(contestant, size, done, file));
  return outcomes;
}

interface Played {
  readonly contestant: Contestant;
  readonly file: string;
  readonly done: readonly Round[];
}

function compareTrees(one: Played | undefined, other: Played): void {
  if (!one || one.done.at(-1)?.digest === other.done.at(-1)?.digest) return;
  const text = ({ file }: Played) => readFileSync(`${file}.txt`, "utf8");
  assertSame(one.contestant.name, text(one), other.contestant.name, text(other));
}

async function withMemory(
  contestant: Contestant,
  size: number,
  rounds: readonly Round[],
  file: string,
): Promise<Outcome> {
  const keys = rounds.at(-1)?.keys;
  if (!keys) throw new Error(`${contestant.name} played no round`);
  const contest = startContest();
  try {
    return { contestant, size, rounds, memory: await contest.memory({ task: "memory", contestant, file, keys }) };
  } finally {
    contest.close();
  }
}
