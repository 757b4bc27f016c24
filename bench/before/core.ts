import type { Bar, Spread, Table } from "../report/section.ts";
import { spreadOf } from "../scenarios/scene.ts";
import { type Contestant, contestants, LORO, OURS } from "../tree/contestants.ts";
import { type Outcome, runTreeCore, type TreeCoreSize } from "../tree/run.ts";
import { PHASES, type Phase } from "../tree/workload.ts";
import type { Checkout } from "./checkout.ts";
import type { Part } from "./part.ts";
import { fileIn } from "./sides.ts";

const SEED = 20_261_122;
const BEFORE = `${OURS} before`;
/** Times as fast as before, in any phase; but updates of a large tree were what ours did worst beside others. */
const BAR = 0.9;
const UPDATES = { size: 100_000, bar: 2 };

/** Our tree core as it is, as it was, and LoroTree; every operation is a commit by itself. */
export async function core(
  checkout: Checkout | null,
  sizes: readonly TreeCoreSize[],
  note: (text: string) => void,
): Promise<Part> {
  const outcomes = await runTreeCore(SEED, sizes, note, contestantsWith(checkout));
  const rates: Table = {
    title: "The tree core, operations a second: the best round (least–median)",
    head: ["nodes", "system", ...PHASES],
    rows: outcomes.map((outcome) => [
      outcome.size.toLocaleString("en"),
      outcome.contestant.name,
      ...PHASES.map((phase) => bestFirst(ratesOf(outcome, phase))),
    ]),
  };
  return { tables: [rates], bars: sizes.flatMap(({ size }) => barsOf(outcomes, size)) };
}

function contestantsWith(checkout: Checkout | null): Contestant[] {
  const called = (wanted: string) => contestants.filter(({ name, commits }) => name === wanted && commits === "each");
  const now = called(OURS);
  const before = (folder: string) =>
    now.map((ours): Contestant => ({ ...ours, name: BEFORE, module: fileIn(folder, "bench/tree/ours.ts") }));
  const loro = called(LORO).map((each): Contestant => ({ ...each, slow: true }));
  return [...now, ...(checkout ? before(checkout.folder) : []), ...loro];
}

function barsOf(outcomes: readonly Outcome[], size: number): Bar[] {
  const named = (wanted: string) =>
    outcomes.find((outcome) => outcome.size === size && outcome.contestant.name === wanted);
  const [now, before] = [named(OURS), named(BEFORE)];
  if (!now || !before) return [];
  return PHASES.map((phase) => {
    const value = Math.max(...ratesOf(now, phase)) / Math.max(...ratesOf(before, phase));
    const bar = phase === "update" && size === UPDATES.size ? UPDATES.bar : BAR;
    const what = `tree core, ${phase}, ${size.toLocaleString("en")} nodes, against before`;
    return { what, value, unit: "×", bar, at: "least" };
  });
}

function ratesOf({ rounds }: Outcome, phase: Phase): number[] {
  return rounds.map(({ rates }) => rates[phase]);
}

/** The best round stands where a median would; it is shown with the range from the least to the median. */
function bestFirst(rates: readonly number[]): Spread {
  const { median, least, most } = spreadOf(rates);
  return { median: most, least, most: median };
}
