import { metIn } from "./met.ts";
import { play, playOnly } from "./play.ts";
import { between } from "./rules/between.ts";
import { disappeared } from "./rules/disappeared.ts";
import { left } from "./rules/left.ts";
import { order } from "./rules/order.ts";
import { restored } from "./rules/restored.ts";
import { told } from "./rules/told.ts";
import type { Script } from "./script.ts";

export const RULES = ["converges", "disappeared", "order", "between", "left", "restored", "told"] as const;
export type Rule = (typeof RULES)[number];

export interface Violation {
  readonly rule: Rule;
  readonly says: string;
}

/** Plays a script and says which rules it breaks. `meet` is told what it has met. */
export async function check(script: Script, meet: (what: string) => void = () => {}): Promise<Violation[]> {
  try {
    const course = await play(script);
    const { played, undone, redone, problems } = course;
    const twin = await playWithoutFirst(script);
    for (const what of metIn(course, twin.account)) meet(what);
    return [
      ...broken("converges", [...problems, ...twin.problems]),
      ...broken("disappeared", [...disappeared(played), ...disappeared(undone)]),
      ...broken("order", [...order(played), ...order(undone)]),
      ...broken("between", [...between(played), ...between(undone)]),
      ...broken("left", left(undone, twin.account)),
      ...broken("restored", restored(played, undone, redone)),
      ...broken("told", told(undone)),
    ];
  } catch (error) {
    return broken("converges", [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
  }
}

type Twin = Awaited<ReturnType<typeof playOnly>>;

/** Scripts that differ in what the first one does have the same twin. */
const twins = new Map<string, Twin>();
const MOST_TWINS = 2_000;

async function playWithoutFirst(script: Script): Promise<Twin> {
  const key = JSON.stringify([script.people, script.steps.filter((step) => step.who !== 0 || "goes" in step)]);
  const known = twins.get(key);
  if (known) return known;
  const twin = await playOnly(script, 0);
  if (twins.size >= MOST_TWINS) twins.clear();
  twins.set(key, twin);
  return twin;
}

function broken(rule: Rule, complaints: readonly string[]): Violation[] {
  return [...new Set(complaints)].map((says) => ({ rule, says }));
}
