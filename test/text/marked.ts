import { clipped, editMarks, joinMarks, type MarkList, type Step, setMark } from "../../src/text/index.ts";
import { applySteps, type Texts } from "./model.ts";
import { type Dice, places, randomSteps } from "./random-steps.ts";

/** Texts with marks. */
export interface Marked {
  readonly texts: Texts;
  readonly marks: ReadonlyMap<string, MarkList>;
}

export function applyMarked({ texts, marks: before }: Marked, steps: readonly Step[]): Marked {
  const marks = new Map(before);
  const marksOf = (id: string) => marks.get(id) ?? [];
  let now = texts;
  for (const step of steps) {
    const own = marksOf(step.id);
    if (step.op === "mark") {
      if (step.to > (now.get(step.id) ?? "").length || step.from >= step.to) throw new Error(JSON.stringify(step));
      marks.set(step.id, setMark(own, step));
    } else if (step.op === "edit") marks.set(step.id, editMarks(own, step.changes));
    else {
      const [cut, target, base] = step.op === "join" ? [0, step.into, step.at] : [step.at, step.node, step.onto ?? 0];
      const parts = [clipped(own, 0, cut), clipped(own, cut, step.length)] as const;
      const [stays, goes] = step.op === "split" && step.head ? [parts[1], parts[0]] : parts;
      marks.set(step.id, stays);
      marks.set(target, joinMarks(marksOf(target), base, goes));
    }
    now = applySteps(now, [step]);
  }
  return { texts: now, marks };
}

const KEYS = ["bold", "link"];
const VALUES = [true, { to: "a" }, null] as const;

export function randomMark(dice: Dice, { texts }: Marked): Step | null {
  const id = dice.pick([...texts.keys()]);
  const all = places(texts.get(id) ?? "");
  const [a, b] = [dice.pick(all), dice.pick(all)];
  if (a === b) return null;
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  return { op: "mark", id, attr: "text", from, to, key: dice.pick(KEYS), value: dice.pick(VALUES) };
}

/** As `randomSteps`, some of them marks. */
export function randomMarkedSteps(
  dice: Dice,
  start: Marked,
  who: string,
  count: number,
  fresh: () => string,
): readonly Step[] {
  const steps: Step[] = [];
  let now = start;
  while (steps.length < count) {
    const others = () => randomSteps(dice, now.texts, `${who}${steps.length}`, 1, fresh);
    const made = dice.chance(0.5) ? [randomMark(dice, now)].filter((each) => each !== null) : others();
    steps.push(...made);
    now = applyMarked(now, made);
  }
  return steps;
}

/** What every character has, by the character, which is there once. */
export function characters({ texts, marks }: Marked): Map<string, string> {
  const result = new Map<string, string>();
  for (const [id, text] of texts) {
    let at = 0;
    for (const character of text) {
      const end = at + character.length;
      const has = (marks.get(id) ?? []).filter(([from, to]) => from < end && to > at);
      result.set(character, JSON.stringify(has.map(([, , key, value]) => [key, value]).sort()));
      at = end;
    }
  }
  return result;
}
