import { simulate } from "./crowd.ts";
import { meet } from "./meeting.ts";
import { playOut } from "./street.ts";

/** All of it: pairs and triples of what people do unseen, runs of replicas alone, and of whole clients with a server. */
const WHOLE = { meetings: 1_000_000, crowds: 100_000, streets: 20_000 };

export type Kind = keyof typeof WHOLE;

export interface Swept {
  readonly runs: number;
  /** The first runs in which something is wrong, with their seeds. */
  readonly wrong: readonly string[];
  /** How often each thing was met. */
  readonly met: ReadonlyMap<string, number>;
}

/** More are the same again. */
const MOST_WRONG = 5;

const RUNS: Readonly<Record<Kind, (seed: number, note: (what: string) => void) => string[] | Promise<string[]>>> = {
  meetings: meet,
  crowds: simulate,
  streets: playOut,
};

/** Tries a share of all of a kind. `onRun` hears of each run. */
export async function sweep(kind: Kind, seed: number, share: number, onRun: () => void = () => {}): Promise<Swept> {
  const met = new Map<string, number>();
  const wrong: string[] = [];
  const note = (what: string) => void met.set(what, (met.get(what) ?? 0) + 1);
  let runs = 0;
  for (; runs < WHOLE[kind] * share && wrong.length < MOST_WRONG; runs++) {
    const problems = await tried(() => RUNS[kind](seed + runs, note));
    if (problems.length > 0) wrong.push(`${kind}, seed ${seed + runs}: ${problems.join("\n  ")}`);
    onRun();
  }
  return { runs, wrong, met };
}

async function tried(run: () => string[] | Promise<string[]>): Promise<string[]> {
  try {
    return await run();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}
