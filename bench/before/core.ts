import type { Bar, Cell, Spread, Table } from "../report/section.ts";
import { spreadOf } from "../scenarios/scene.ts";
import { type Contestant, contestants, LORO, OURS } from "../tree/contestants.ts";
import { type Outcome, runTreeCore, type TreeCoreSize } from "../tree/run.ts";
import { PHASES } from "../tree/workload.ts";
import type { Checkout } from "./checkout.ts";
import type { Part } from "./part.ts";
import { fileIn } from "./sides.ts";
import { ratiosOf, type Turns } from "./turns.ts";

const SEED = 20_261_127;
/** Times as fast as before, in any phase; but updates of a large tree were what ours did worst beside others. */
const BAR = 0.9;
const UPDATES = { size: 100_000, bar: 2 };

interface Sizes {
  readonly beside: readonly TreeCoreSize[];
  readonly turns: readonly Turns[];
}

/** Our tree core as it is, as it was, and LoroTree; every operation is a commit by itself. */
export async function core(
  checkout: Checkout | null,
  { beside, turns }: Sizes,
  note: (text: string) => void,
): Promise<Part> {
  const called = (wanted: string) => contestants.filter(({ name, commits }) => name === wanted && commits === "each");
  const [now] = called(OURS);
  if (!now) throw new Error(`${OURS} does not take part`);
  const before: Contestant | null = checkout && {
    ...now,
    name: `${OURS} before`,
    module: fileIn(checkout.folder, "bench/tree/ours.ts"),
  };
  const outcomes = await runTreeCore(SEED, beside, note, [now, ...(before ? [before] : []), ...called(LORO)]);
  const rates = ratesTable(outcomes);
  if (!before) return { tables: [rates], bars: [] };
  const rows: Cell[][] = [];
  const bars: Bar[] = [];
  for (const each of turns) {
    const ratios = await ratiosOf(now, before, each, SEED);
    const size = each.size.toLocaleString("en");
    rows.push([size, ...PHASES.map((phase) => spreadOf(ratios[phase]))]);
    for (const phase of PHASES) {
      const bar = phase === "update" && each.size === UPDATES.size ? UPDATES.bar : BAR;
      const what = `tree core, ${phase}, ${size} nodes, against before`;
      bars.push({ what, value: spreadOf(ratios[phase]).median, unit: "×", bar, at: "least" });
    }
    note(`tree core, in turns, ${each.size} nodes`);
  }
  const times: Table = { title: "The tree core, times as fast as before", head: ["nodes", ...PHASES], rows };
  return { tables: [rates, times], bars };
}

function ratesTable(outcomes: readonly Outcome[]): Table {
  return {
    title: "The tree core, operations a second: the best round (least–median)",
    head: ["nodes", "system", ...PHASES],
    rows: outcomes.map(({ size, contestant, rounds }) => [
      size.toLocaleString("en"),
      contestant.name,
      ...PHASES.map((phase) => bestFirst(rounds.map(({ rates }) => rates[phase]))),
    ]),
  };
}

/** The best round stands where a median would; it is shown with the range from the least to the median. */
function bestFirst(rates: readonly number[]): Spread {
  const { median, least, most } = spreadOf(rates);
  return { median: most, least, most: median };
}
