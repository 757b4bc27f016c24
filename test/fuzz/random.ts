import { createRandom } from "../../src/testing/random.ts";
import type { Absence, Act, Script, Step } from "./script.ts";

const PEOPLE = 3;
const ABSENCES: readonly Absence[] = ["offline", "held", "deaf", "mute"];
const KEYS = ["v", "w"];
/** Few nodes, some of them more often: what is named has mostly been touched by somebody else. */
const OLD = [..."xxyyyzpqabck"];
const FIRST_HOMES: readonly (readonly [string, string])[] = [
  ...[..."xyz"].map((id) => [id, "p"] as const),
  ...[..."pabqk"].map((id) => [id, "root"] as const),
  ["c", "q"],
];

/** The script of this number, of three people. */
export function randomScript(seed: number, number: number): Script {
  const random = createRandom(seed, number + 1);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[below(choices.length)];
    if (choice === undefined) throw new Error("there is nothing to choose");
    return choice;
  };
  const steps: Step[] = [];
  /** Where each node stands, more or less: nobody has looked. */
  const homes = new Map(FIRST_HOMES);
  /** How much each one can undo and redo, at most. */
  const done = Array.from({ length: PEOPLE }, () => ({ undo: 0, redo: 0 }));
  let made = 0;
  const node = () => (made > 0 && random() < 0.25 ? `n${below(made)}` : pick(OLD));
  const place = (id: string): { readonly parent: string; readonly after?: string | null } => {
    const parent = pick(["p", "p", "p", "root", "root", "q", node()]);
    const siblings = [...homes.keys()].filter((each) => homes.get(each) === parent && each !== id);
    homes.set(id, parent);
    const kind = random();
    if (kind < 0.2) return { parent };
    return { parent, after: kind < 0.4 || siblings.length === 0 ? null : pick(siblings) };
  };
  const change = (): Act => {
    const kind = random() * 70;
    const id = node();
    if (kind < 18) {
      const fresh = `n${made++}`;
      return { do: "insert", id: fresh, ...place(fresh) };
    }
    if (kind < 40) return { do: "move", id, ...place(id) };
    if (kind < 53) return { do: "remove", id };
    if (kind < 65) return { do: "update", id, key: pick(KEYS), value: steps.length + 1 };
    return { do: "unset", id, key: pick(KEYS) };
  };
  const act = (who: number): Act => {
    const stacks = done[who] ?? { undo: 0, redo: 0 };
    const kind = random();
    if (kind < 0.25 && stacks.undo > 0) {
      done[who] = { undo: stacks.undo - 1, redo: stacks.redo + 1 };
      return { do: "undo" };
    }
    if (kind > 0.7 && stacks.redo > 0) {
      done[who] = { undo: stacks.undo + 1, redo: stacks.redo - 1 };
      return { do: "redo" };
    }
    done[who] = { undo: stacks.undo + 1, redo: 0 };
    return change();
  };

  for (let left = 4 + below(11); left > 0; left--) {
    const who = below(PEOPLE);
    if (random() < 0.25) steps.push({ who, goes: random() < 0.5 ? "back" : pick(ABSENCES) });
    else {
      const what = act(who);
      steps.push(what.do === "undo" && random() < 0.5 ? { who, act: what, reload: true } : { who, act: what });
    }
  }
  return { people: PEOPLE, steps, reload: random() < 0.5 };
}
