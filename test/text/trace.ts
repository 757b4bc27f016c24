import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Recorded typing (github.com/josephg/editing-traces), beside the repository; not everywhere. */
const FOLDER = join(import.meta.dirname, "../../../shared/traces/text");

export type Patch = readonly [at: number, taken: number, put: string];

export interface Transaction {
  readonly agent: number;
  /** What its agent had seen of the others: everything before this number of the list. */
  readonly seen: number;
  readonly patches: readonly Patch[];
}

export interface Trace {
  readonly agents: number;
  readonly end: string;
  readonly transactions: readonly Transaction[];
}

interface Recorded {
  readonly startContent?: string;
  readonly endContent: string;
  readonly numAgents?: number;
  readonly txns: readonly {
    readonly parents?: readonly number[];
    readonly agent?: number;
    readonly patches: readonly Patch[];
  }[];
}

const fileOf = (name: string) => join(FOLDER, `${name}.json.gz`);

export const hasTrace = (name: string): boolean => existsSync(fileOf(name));

export function readTrace(name: string): Trace {
  const recorded: Recorded = JSON.parse(gunzipSync(readFileSync(fileOf(name))).toString());
  const seen = new Map<number, number>();
  const transactions = recorded.txns.map(({ parents = [], agent = 0, patches }) => {
    const others = parents.filter((parent) => recorded.txns[parent]?.agent !== agent);
    const now = Math.max(seen.get(agent) ?? 0, ...others.map((parent) => parent + 1));
    seen.set(agent, now);
    return { agent, seen: now, patches };
  });
  return { agents: recorded.numAgents ?? 1, end: recorded.endContent, transactions };
}
