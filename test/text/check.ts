import { applyChanges, compose, invert, normalize, rebase, type Step, transform } from "../../src/text/index.ts";
import { createAccount } from "./account.ts";
import { applyMarked, characters, type Marked, randomMarkedSteps } from "./marked.ts";
import { shown, type Texts } from "./model.ts";
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
  const isMarked = dice.chance(0.5);
  const steps = (start: Marked, who: string, count: number): readonly Step[] =>
    isMarked ? randomMarkedSteps(dice, start, who, count, fresh) : randomSteps(dice, start.texts, who, count, fresh);
  const bare: Marked = { texts, marks: new Map() };
  const start = isMarked ? applyMarked(bare, steps(bare, "S", 1 + dice.below(2))) : bare;
  const account = createAccount(start.texts);
  const list = (who: string): readonly Step[] => {
    const made = steps(start, who, 1 + dice.below(longest));
    account.did(start.texts, made);
    return made;
  };
  const [first, second, third] = [list("A"), list("B"), list("C")];
  try {
    const met = rebase(second, first);
    const both = [...first, ...met.steps];
    const last = rebase(third, both);
    const all = applyMarked(start, [...both, ...last.steps]);
    const ways = [
      [...second, ...met.over, ...last.steps],
      [...third, ...last.over],
    ].map((way) => applyMarked(start, way));
    const known = isMarked ? new Set(characters(start).keys()) : new Set<string>();
    const isOther = (way: Marked) => JSON.stringify(shown(way.texts)) !== JSON.stringify(shown(all.texts));
    const wrong = [
      ...ways.filter(isOther).map(() => "the ways lead to different texts"),
      ...ways.flatMap((way) => differently(way, all, known)),
      ...account.complaints(all.texts),
    ];
    return wrong.length > 0 ? [...wrong, describe(start, [first, second, third])] : [];
  } catch (error) {
    return [String(error), describe(start, [first, second, third])];
  }
}

/** Of the characters that all have seen, those that are marked in one way and not in the other (X109). */
function differently(one: Marked, other: Marked, known: ReadonlySet<string>): string[] {
  if (known.size === 0) return [];
  const others = characters(other);
  return [...characters(one)].flatMap(([character, has]) => {
    const is = others.get(character);
    return !known.has(character) || has === is
      ? []
      : [`${character} is marked ${has} in one way, and ${is} in another`];
  });
}

function describe({ texts, marks }: Marked, lists: readonly (readonly Step[])[]): string {
  return [JSON.stringify([...texts]), JSON.stringify([...marks]), ...lists.map((list) => JSON.stringify(list))].join(
    "\n  ",
  );
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
