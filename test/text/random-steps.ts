import { type Changes, normalize, type Step } from "../../src/text/index.ts";
import { applySteps, type Texts } from "./model.ts";

export interface Dice {
  below(count: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
}

export function diceOf(random: () => number): Dice {
  const below = (count: number) => Math.floor(random() * count);
  return {
    below,
    chance: (probability) => random() < probability,
    pick: (choices) => {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new Error("there is nothing to choose");
      return choice;
    },
  };
}

/** Where one may put something into a text: nowhere inside of a surrogate pair. */
export function places(text: string): number[] {
  const result = [0];
  for (const character of text) result.push((result.at(-1) ?? 0) + character.length);
  return result;
}

/** Changes of a text, up to three at once; what is put in is taken from `fresh`. */
export function randomChanges(dice: Dice, text: string, fresh: () => string): Changes {
  const all = places(text);
  const changes: (number | string)[] = [];
  let at = 0;
  for (let left = 1 + dice.below(dice.chance(0.3) ? 4 : 2); left > 0; left--) {
    const rest = all.filter((place) => place >= at);
    const place = dice.pick(rest);
    changes.push(place - at);
    at = place;
    const put = () => {
      if (dice.chance(0.3)) changes.push(0);
      changes.push(fresh());
    };
    const kind = dice.below(4);
    if (kind < 2) put();
    if (kind > 0) {
      const until = dice.pick(all.filter((each) => each >= at).slice(0, 4));
      changes.push(at - until);
      at = until;
    }
    if (kind === 3 && dice.chance(0.5)) put();
  }
  return normalize(changes.filter((change, index) => change !== 0 || typeof changes[index + 1] === "string"));
}

/** What one person does to texts, one after the other; `who` makes the ids of new rows. */
export function randomSteps(dice: Dice, texts: Texts, who: string, count: number, fresh: () => string): Step[] {
  const steps: Step[] = [];
  let now = texts;
  let made = 0;
  const attr = "text";
  while (steps.length < count) {
    const ids = [...now.keys()];
    const id = dice.pick(ids);
    const text = now.get(id) ?? "";
    const kind = dice.below(10);
    let step: Step | undefined;
    if (kind < 4) {
      const changes = randomChanges(dice, text, fresh);
      if (changes.length > 0) step = { op: "edit", id, attr, changes };
    } else if (kind < 7) {
      const at = dice.pick(places(text));
      const others = ids.filter((each) => each !== id);
      // One that comes back is mostly empty.
      const empty = others.filter((each) => now.get(each) === "");
      const comes = dice.chance(0.3) ? dice.pick(dice.chance(0.8) && empty.length > 0 ? empty : others) : undefined;
      const node = comes ?? `${who}${made++}`;
      const onto = (now.get(node) ?? "").length;
      const head = dice.chance(0.4);
      step = { op: "split", id, attr, at, length: text.length, node, ...(onto > 0 && { onto }), ...(head && { head }) };
    } else {
      const into = dice.pick(ids.filter((each) => each !== id));
      step = { op: "join", id, into, attr, at: (now.get(into) ?? "").length, length: text.length };
    }
    if (step) {
      steps.push(step);
      now = applySteps(now, [step]);
    }
  }
  return steps;
}

/** Characters that are each there once: letters, and now and then one that is a surrogate pair. */
export function freshCharacters(dice: Dice, from: number): () => string {
  let next = from;
  const one = () => {
    next += 1;
    return dice.chance(0.15) ? String.fromCodePoint(0x1f000 + next) : String.fromCodePoint(0x4e00 + next);
  };
  return () => Array.from({ length: 1 + dice.below(3) }, one).join("");
}
