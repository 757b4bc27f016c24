import type { Bar, Section, Spread, Table } from "../report/section.ts";
import { type Contestant, LORO, OURS } from "../tree/contestants.ts";
import { type Outcome, runTreeCore } from "../tree/run.ts";
import { PHASES, type Phase } from "../tree/workload.ts";
import { type Scene, spreadOf } from "./scene.ts";

/** How many times LoroTree we are to reach. */
const BAR = 10;
const SEED = 20_261_122;
/** What is left, as far as it was looked into. */
const WHY =
  "tried: lists made to measure (kept, a quarter faster), a loop for the spread of attributes, for…in for their inverse (nothing); what is left is collecting garbage and finding nodes by fresh ids, 30 % of the time in a profile of 10 000 nodes and more in larger trees, while Loro is given handles";

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
WebAssembly, which never shrinks).`,
  `The bars compare each with each, which is how people edit. In one commit the ratios are smaller: a mutation of many
operations goes through a layer that can be thrown away as a whole, which costs ours about half of its speed, while Loro
gains from it.`,
  `Grove (Elixir) announces a page of benchmarks in its documentation; its figures could not
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
      contestant.snapshot ? `${contestant.name}, ${contestant.snapshot}` : contestant.name,
      contestant.commits,
      Math.min(...rounds.map(({ save }) => save)),
      Math.min(...rounds.map(({ load }) => load)),
      Math.max(...rounds.map(({ bytes }) => bytes)),
      (memory.heap + memory.external) / size,
    ]),
  };
  const pairs = outcomes
    .filter(({ contestant }) => contestant.name === OURS)
    .flatMap((ours) => pairsOf(ours, outcomes));
  const ratios: Table = {
    title: "Times LoroTree, best round against best round",
    head: ["nodes", "commits", ...PHASES],
    rows: pairs.map(({ ours, loro }) => [
      ours.size.toLocaleString("en"),
      ours.contestant.commits,
      ...PHASES.map((phase) => ratio(ours, loro, phase)),
    ]),
  };
  const bars = pairs.filter(({ ours }) => ours.contestant.commits === "each").flatMap(barsOf);
  const tables = [rates, ratios, snapshots];
  return { id: "tree-core", title: "The tree core", text: TEXT, tables, charts: [], bars };
}

/** Us, and the LoroTree that commits in the same way. */
interface Pair {
  readonly ours: Outcome;
  readonly loro: Outcome;
}

function pairsOf(ours: Outcome, outcomes: readonly Outcome[]): Pair[] {
  const { size, contestant } = ours;
  const isLike = (other: Contestant) => other.name === LORO && other.commits === contestant.commits;
  const loro = outcomes.find((other) => other.size === size && isLike(other.contestant));
  return loro ? [{ ours, loro }] : [];
}

function barsOf({ ours, loro }: Pair): Bar[] {
  return PHASES.map((phase) => {
    const value = ratio(ours, loro, phase);
    const what = `tree core, ${phase}, ${ours.size.toLocaleString("en")} nodes, against LoroTree`;
    return { what, value, unit: "×", bar: BAR, at: "least", ...(value < BAR && { note: WHY }) };
  });
}

function ratio(ours: Outcome, loro: Outcome, phase: Phase): number {
  return Math.max(...ratesOf(ours, phase)) / Math.max(...ratesOf(loro, phase));
}

function ratesOf({ rounds }: Outcome, phase: Phase): number[] {
  return rounds.map(({ rates }) => rates[phase]);
}

/** The best round stands where a median would; it is shown with the range from the least to the median. */
function bestFirst(rates: readonly number[]): Spread {
  const { median, least, most } = spreadOf(rates);
  return { median: most, least, most: median };
}
