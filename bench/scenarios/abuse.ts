import { attacks } from "../abuse/attacks/index.ts";
import { poisons } from "../abuse/attacks/poisons.ts";
import type { Attack } from "../abuse/kinds.ts";
import { type Opened, openPoisoned } from "../abuse/poisoned.ts";
import { barsOf, type Finding, poisonTable, tablesOf } from "../abuse/report.ts";
import { run } from "../abuse/run.ts";
import { openSides, type Side, sideNow } from "../before/sides.ts";
import type { Section } from "../report/section.ts";
import type { Scene } from "./scene.ts";

/** The last commit before what one client does was bounded. */
const BEFORE = "17a0a0926b42172957c7f0acf44492d06c278938";
/** How the names of those begin that are wanted, with commas between. */
const ONLY = process.env.ABUSE?.split(",");

const TEXT = [
  `Somebody does, within all documented limits, what a document can least stand, beside ten honest writers in a process of
their own, each with an edit every 0.2 to 0.6 s, and a visitor about every second. The Worker is **now** as it is, and
**before** as it was before there were bounds (issue 13), in a bare workerd whose V8 has 128 MiB, each attack on a server of
its own. First everybody but the rude ones is there for as long as the attack lasts then: that is **quiet**. All of them,
their load and the server share the machine's cores; those who are rude have a lower priority.`,
  `A **wait** is from sending to the answer, of everything that was on its way while the attack lasted; what was never
answered has waited until the end. **Closed** are honest writers whose connection ended, with what ended connections and
joins of theirs; they join again and send again what is unanswered. **Lost** is what was acknowledged to them and is not in the
tree after the process was killed and started again. **Heap** is what V8 has in use with its buffers, garbage included;
**held** what is left of it after a collection while the rude ones are still there, above what it was before quiet;
**process** is anonymous memory. Rows are those of the attacked document, and of another one where nobody is; dollars as if it
went on like this. **Told** is what the rude ones were told, codes and ends, and how often; what is no code has come over HTTP.`,
  `Two runs stand beside each other, with a semicolon between. \`ABUSE=NAME,NAME… npm run bench -- abuse\` runs those whose
names begin so.`,
];

/** What one client can do to all others. */
export async function abuse({ scale, contestants, note }: Scene): Promise<Section> {
  const ours = contestants.find(({ system }) => system.name === "grove");
  if (!ours) throw new Error("there is nothing of ours to be attacked");
  const { lasts, runs } = scale.abuse;
  const lengths = { warmUp: Math.min(lasts, WARM_UP), quiet: lasts, attacked: lasts, after: Math.min(lasts, AFTER) };
  const sides = runs.before > 0 ? await openSides(ours, BEFORE) : null;
  const all = sides?.all ?? [sideNow(ours)];
  const findings: Finding[] = [];
  const poisonings: { readonly poison: Attack; readonly opened: readonly Opened[] | string }[] = [];
  try {
    for (const attack of attacks.filter(isWanted)) {
      for (const side of all) {
        const outcomes: Finding["runs"][number][] = [];
        for (let count = 0; count < runs[side.name]; count++) {
          outcomes.push(await attempt(() => run(side, attack, lengths)));
        }
        findings.push({ attack, side: side.name, runs: outcomes });
      }
      note(`abuse: ${attack.name}`);
    }
    const before = all.find(({ name }) => name === "before");
    for (const poison of poisons.filter(isWanted)) {
      if (!before) break;
      poisonings.push({ poison, opened: await attempt(() => openPoisoned(poison, before, all)) });
      note(`abuse: ${poison.name}`);
    }
  } finally {
    await sides?.remove();
  }
  const checkout = sides?.checkout;
  return {
    id: "abuse",
    title: "What one client does to all others",
    text: typeof checkout === "string" ? [...TEXT, `The code before is left out: ${checkout}.`] : TEXT,
    tables: [...tablesOf(findings), ...poisonTable(poisonings, namesOf(all))],
    charts: [],
    bars: barsOf(findings),
  };
}

/** Milliseconds. */
const [WARM_UP, AFTER] = [1_500, 3_000];

function isWanted({ name }: Attack): boolean {
  return !ONLY || ONLY.some((word) => name.startsWith(word));
}

/** Whatever an attack brings down, the others are still to come. */
async function attempt<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    return `not done: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

function namesOf(sides: readonly Side[]): Side["name"][] {
  return sides.map(({ name }) => name);
}
