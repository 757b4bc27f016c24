import { createRandom } from "../../src/testing/random.ts";
import { check, type Rule, type Violation } from "./check.ts";
import { enumerate } from "./enumerate.ts";
import { randomScript } from "./random.ts";
import { linesOf, type Script } from "./script.ts";
import { shrink } from "./shrink.ts";

export interface Sweep {
  readonly enumerated: number;
  readonly random: number;
  /** In how many scripts each thing was met that the rules are about. */
  readonly met: ReadonlyMap<string, number>;
  /** How many scripts broke a rule, and the smallest ones, each of another shape. */
  readonly broken: ReadonlyMap<Rule, { readonly times: number; readonly smallest: readonly Found[] }>;
}

export interface Found {
  readonly script: Script;
  readonly violation: Violation;
}

const RANDOM_SCRIPTS = 20_000;
/** Making a script smaller takes as long as hundreds of scripts. */
const SHRUNK_BY_RULE = 12;

/** Checks a share of all that is enumerated, chosen by the seed, and as large a share of the random scripts. */
export async function sweep(seed: number, share: number, ran: (runs: number) => void = () => {}): Promise<Sweep> {
  const chance = createRandom(seed);
  const broken = new Map<Rule, { times: number; smallest: Found[] }>();
  const met = new Map<string, number>();
  const meet = (what: string) => void met.set(what, (met.get(what) ?? 0) + 1);
  let runs = 0;
  const run = async (script: Script) => {
    const violations = await check(script, meet);
    ran(++runs);
    for (const rule of new Set(violations.map((each) => each.rule))) {
      const known = broken.get(rule) ?? { times: 0, smallest: [] };
      broken.set(rule, known);
      if (known.times++ < SHRUNK_BY_RULE) add(known.smallest, await smallest(script, rule));
    }
  };

  for (const script of enumerate()) if (chance() < share) await run(script);
  const enumerated = runs;
  for (let number = 0; number < RANDOM_SCRIPTS * share; number++) await run(randomScript(seed, number));
  return { enumerated, random: runs - enumerated, met, broken };
}

async function smallest(script: Script, rule: Rule): Promise<Found> {
  const broken = async (each: Script) => (await check(each)).filter((violation) => violation.rule === rule);
  const small = await shrink(script, async (each) => (await broken(each)).length > 0);
  const [violation = { rule, says: "only at times" }] = await broken(small);
  return { script: small, violation };
}

/** Of those of one shape the first is kept. */
function add(found: Found[], each: Found): void {
  if (!found.some(({ script }) => shapeOf(script) === shapeOf(each.script))) found.push(each);
}

/** Who does what, whatever to. */
function shapeOf({ steps }: Script): string {
  return steps.map((step) => `${step.who} ${"goes" in step ? step.goes : step.act.do}`).join();
}

/** What a sweep has found, to be read by people. */
export function reportOf({ broken }: Sweep): string {
  const shown = ({ script, violation }: Found) => [...linesOf(script), `→ ${violation.says}`].join("\n    ");
  return [...broken]
    .map(([rule, { times, smallest }]) =>
      [`${rule}: broken by ${times} scripts, such as`, ...smallest.map(shown)].join("\n\n    "),
    )
    .join("\n\n");
}
