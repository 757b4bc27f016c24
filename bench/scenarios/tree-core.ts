import type { Bar, Section, Spread, Table } from "../report/section.ts";
import { type Contestant, LORO, OURS } from "../tree/contestants.ts";
import { type Outcome, runTreeCore } from "../tree/run.ts";
import { PHASES, type Phase } from "../tree/workload.ts";
import { type Scene, spreadOf } from "./scene.ts";

/** How many times LoroTree we are to reach. */
const BAR = 10;
const SEED = 20_261_122;

const TEXT = [
  `The tree alone, without decoding, log or network, each system in a process of its own: the same operations from the same
seed, and at the end of each round the parent, the place among siblings and the attributes of every node are compared
between all systems, before and after loading what was saved. **Each**: every operation is a mutation, transaction or
change by itself, as for a user's action. **Once**: all of a phase in one. Each figure is the best round, with the median
and the least in brackets: other work on the machine, and cold code, can only make a round slower.`,
  `What the others have that ours has not: they keep history or what merging needs (ours keeps history in the log), and Yjs
and Automerge write two fields for a move. What ours does that others do not: every operation looks its node up by a fresh
id, checks for a cycle and makes its inverse; Loro is given the handles of its nodes, Yjs and Automerge are given order keys
for nothing and check no cycle. Of Automerge the last 50 operations of a phase are timed, as one takes milliseconds.`,
  `Memory is what one loaded tree holds in a new process after a forced collection, heap and external (with the memory of
WebAssembly, which never shrinks). Grove (Elixir) announces a page of benchmarks in its documentation; its figures could not
be found, so there are none here.`,
];

/** The tree core beside those of others. */
export async function treeCore({ scale, note }: Scene): Promise<Section> {
  const outcomes = await runTreeCore(SEED, scale.tree, note);
  const rates: Table = {
    title: "Operations a second: the best round (least–median)",
    head: ["nodes", "system", "commits", ...PHASES],
    rows: outcomes.map((outcome) => [
      outcome.size.toLocaleString("en"),
      outcome.contestant.name,
      outcome.contestant.commits,
      ...PHASES.map((phase) => bestFirst(ratesOf(outcome, phase))),
    ]),
  };
  const snapshots: Table = {
    title: "Saving and loading",
    head: ["nodes", "system", "commits", "save, ms", "load, ms", "bytes of a snapshot", "bytes in memory per node"],
    rows: outcomes.map(({ size, contestant, rounds, memory }) => [
      size.toLocaleString("en"),
      contestant.name,
      contestant.commits,
      Math.min(...rounds.map(({ save }) => save)),
      Math.min(...rounds.map(({ load }) => load)),
      Math.max(...rounds.map(({ bytes }) => bytes)),
      (memory.heap + memory.external) / size,
    ]),
  };
  const bars = outcomes.filter(({ contestant }) => contestant.name === OURS).flatMap((ours) => barsOf(ours, outcomes));
  return { id: "tree-core", title: "The tree core", text: TEXT, tables: [rates, snapshots], charts: [], bars };
}

function barsOf(ours: Outcome, outcomes: readonly Outcome[]): Bar[] {
  const { size } = ours;
  const { commits } = ours.contestant;
  const loro = outcomes.find((other) => other.size === size && isLoro(other.contestant, commits));
  if (!loro) return [];
  return PHASES.map((phase) => ({
    what: `tree core, ${phase}, ${size.toLocaleString("en")} nodes, ${HOW[commits]}, against LoroTree`,
    value: Math.max(...ratesOf(ours, phase)) / Math.max(...ratesOf(loro, phase)),
    unit: "×",
    bar: BAR,
    at: "least",
  }));
}

const HOW = { each: "each committed", once: "one commit" };

function isLoro({ name, commits }: Contestant, wanted: Contestant["commits"]): boolean {
  return name === LORO && commits === wanted;
}

function ratesOf({ rounds }: Outcome, phase: Phase): number[] {
  return rounds.map(({ rates }) => rates[phase]);
}

/** The best round stands where a median would; it is shown with the range from the least to the median. */
function bestFirst(rates: readonly number[]): Spread {
  const { median, least, most, count } = spreadOf(rates);
  return { median: most, least, most: median, count };
}
