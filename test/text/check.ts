import { applyChanges, compose, invert, normalize, rebase, type Step, transform } from "../../src/text/index.ts";
import { createAccount } from "./account.ts";
import { applySteps, shown, type Texts } from "./model.ts";
import { type Dice, freshCharacters, randomChanges, randomSteps } from "./random-steps.ts";

/** What is wrong with three lists of steps, made side by side, that come one after the other. */
export function checkLists(dice: Dice, longest: number): string[] {
  const fresh = freshCharacters(dice, 0);
  const texts: Texts = new Map([
    ["a", fresh() + fresh()],
    ["b", fresh() + fresh() + fresh()],
    ["c", ""],
    ["d", dice.chance(0.5) ? "" : fresh()],
  ]);
  const account = createAccount(texts);
  const list = (who: string): Step[] => {
    const steps = randomSteps(dice, texts, who, 1 + dice.below(longest), fresh);
    account.did(texts, steps);
    return steps;
  };
  const [first, second, third] = [list("A"), list("B"), list("C")];
  try {
    const met = rebase(second, first);
    const both = [...first, ...met.steps];
    const last = rebase(third, both);
    const all = applySteps(applySteps(texts, both), last.steps);
    const ways = [
      [...first, ...met.steps, ...last.steps],
      [...second, ...met.over, ...last.steps],
      [...third, ...last.over],
    ];
    const different = ways.filter(
      (way) => JSON.stringify(shown(applySteps(texts, way))) !== JSON.stringify(shown(all)),
    );
    const wrong = [...different.map(() => "the ways lead to different texts"), ...account.complaints(all)];
    return wrong.length > 0 ? [...wrong, describe(texts, [first, second, third])] : [];
  } catch (error) {
    return [String(error), describe(texts, [first, second, third])];
  }
}

function describe(texts: Texts, lists: readonly (readonly Step[])[]): string {
  return [JSON.stringify([...texts]), ...lists.map((list) => JSON.stringify(list))].join("\n  ");
}

/** What is wrong with changes of one text: two one after the other, and others side by side with them. */
export function checkChanges(dice: Dice): string[] {
  const fresh = freshCharacters(dice, 0);
  const text = fresh() + fresh() + fresh();
  const [mine, first] = [randomChanges(dice, text, fresh), randomChanges(dice, text, fresh)];
  const between = applyChanges(text, first);
  const second = randomChanges(dice, between, fresh);
  const both = compose(first, second);
  const end = applyChanges(between, second);
  const mineAfter = transform(mine, both);
  const wrong = [
    applyChanges(text, both) !== end && "compose is not one after the other",
    applyChanges(between, invert(first, text)) !== text && "invert does not take back",
    !same(both, normalize(both)) && "compose is not normal",
    !same(mineAfter, normalize(mineAfter)) && "transform is not normal",
    !same(mineAfter, transform(transform(mine, first), second)) && "over both is not over the one and then the other",
    applyChanges(end, mineAfter) !== applyChanges(applyChanges(text, mine), transform(both, mine, true)) && "TP1",
  ].filter((each) => each !== false);
  return wrong.length > 0 ? [...wrong, JSON.stringify({ text, mine, first, second })] : [];
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
