import type { Script, Step } from "./script.ts";

/** More is not tried: each is played. */
const MOST_TRIES = 400;

/** The smallest script found that is still `bad`, by leaving out steps, loads and places. */
export async function shrink(script: Script, isBad: (script: Script) => Promise<boolean>): Promise<Script> {
  let smallest = script;
  let tries = 0;
  for (let again = true; again; ) {
    again = false;
    for (const smaller of simpler(smallest)) {
      if (++tries > MOST_TRIES) return smallest;
      if (!(await isBad(smaller))) continue;
      smallest = smaller;
      again = true;
      break;
    }
  }
  return smallest;
}

function* simpler(script: Script): Generator<Script> {
  const { steps } = script;
  for (let at = steps.length - 1; at >= 0; at--) yield { ...script, steps: steps.toSpliced(at, 1) };
  if (script.reload) yield { ...script, reload: false };
  if (script.people > 2 && steps.every(({ who }) => who < 2)) yield { ...script, people: 2 };
  for (const [at, step] of steps.entries()) {
    for (const simple of simplerSteps(step)) yield { ...script, steps: steps.with(at, simple) };
  }
}

function simplerSteps(step: Step): Step[] {
  if ("goes" in step) return step.goes === "deaf" || step.goes === "mute" ? [{ who: step.who, goes: "held" }] : [];
  if (step.reload) return [{ who: step.who, act: step.act }];
  const { act } = step;
  if (act.do !== "insert" && act.do !== "move") return [];
  const { after, ...last } = act;
  return after === undefined ? [] : [{ ...step, act: last }];
}
