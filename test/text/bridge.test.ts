import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/testing/random.ts";
import { type Changes, composeAll, createBridge, createLongBridge, rebase, type Step } from "../../src/text/index.ts";
import { seed } from "../support/seed.ts";
import { applySteps, shown, type Texts } from "./model.ts";
import { type Dice, diceOf, freshCharacters, randomSteps } from "./random-steps.ts";
import { edit, join, split } from "./steps.ts";

const ATTR = "text";

describe.each([
  ["a bridge", createBridge],
  ["a long bridge", createLongBridge],
])("%s", (_, create) => {
  test("gives what a step comes to, and stands behind it", () => {
    const bridge = create();
    bridge.add(1, [edit("a", "X")]);
    expect(bridge.take(edit("a", 5, "A"))).toEqual([edit("a", 6, "A")]);
    expect(bridge.take(split("a", 5, 11, "n"))).toEqual([split("a", 6, 12, "n")]);
    expect(bridge.take(edit("n", 1, 0, "B"))).toEqual([edit("n", 1, 0, "B")]);
    expect(bridge.steps).toEqual([edit("a", "X")]);
  });

  test("lets go of what the author has seen", () => {
    const bridge = create();
    bridge.add(1, [edit("a", "X")]);
    bridge.add(2, [join("b", "a", 6, 5), edit("a", "Y")]);
    bridge.advance(0);
    expect(bridge.steps).toHaveLength(3);
    bridge.advance(1);
    expect(bridge.steps).toEqual([join("b", "a", 6, 5), edit("a", "Y")]);
    bridge.advance(2);
    expect(bridge.steps).toEqual([]);
  });

  test("says how long a text is where the author is", () => {
    const bridge = create();
    bridge.add(1, [edit("a", "XY")]);
    bridge.add(2, [join("b", "a", 7, 5)]);
    bridge.add(3, [edit("a", 3, -1)]);
    expect(bridge.lengthOf("a", ATTR, 11)).toBe(5);
    expect(bridge.lengthOf("b", ATTR, 0)).toBe(5);
    expect(bridge.lengthOf("c", ATTR, 4)).toBe(4);
    expect(bridge.lengthOf("a", "title", 4)).toBe(4);
  });

  test("a copy goes its own way", () => {
    const bridge = create();
    bridge.add(1, [edit("a", "X")]);
    const copy = bridge.copy();
    copy.add(2, [edit("a", "Y")]);
    copy.take(edit("a", -1));
    bridge.add(2, [edit("b", "Z")]);
    expect(bridge.steps).toEqual([edit("a", "X"), edit("b", "Z")]);
    expect(copy.steps).toEqual([edit("a", "X"), edit("a", "Y")]);
  });
});

/** An author and the others, with many edits of few texts; what the one bridge gives and the other. */
function compare(dice: Dice, moves: number): void {
  const fresh = freshCharacters(dice, 0);
  let server: Texts = new Map([
    ["a", fresh() + fresh() + fresh()],
    ["b", fresh()],
  ]);
  let view = server;
  const [one, other] = [createBridge(), createLongBridge()];
  const step = (texts: Texts, who: string): Step => {
    const [made] = randomSteps(dice, texts, who, 1, fresh);
    return made !== undefined && (made.op === "edit" || dice.chance(moves)) ? made : step(texts, who);
  };
  for (let act = 1; act <= 120; act++) {
    const kind = dice.below(20);
    if (kind < 13) {
      const made = step(server, `E${act}.`);
      server = applySteps(server, [made]);
      one.add(act, [made]);
      other.add(act, [made]);
    } else if (kind < 19) {
      const made = step(view, `P${act}.`);
      view = applySteps(view, [made]);
      const steps = one.take(made);
      expect(other.take(made)).toEqual(steps);
      server = applySteps(server, steps);
    } else {
      const seen = act - dice.below(60);
      const unseen = one.steps;
      one.advance(seen);
      other.advance(seen);
      view = applySteps(view, unseen.slice(0, unseen.length - one.steps.length));
    }
    expect(shown(applySteps(view, other.steps))).toEqual(shown(server));
    for (const [id, text] of server) {
      expect(other.lengthOf(id, ATTR, text.length)).toBe((view.get(id) ?? "").length);
    }
  }
}

test("X1 many edits put together give what each of them gives, whatever is seen of them and when", () => {
  for (let run = 0; run < 30; run++) compare(diceOf(createRandom(seed, run)), run % 2 === 0 ? 0 : 0.1);
});

test("what somebody made offline in 200 rows meets as much in a second", { timeout: 20_000 }, () => {
  const [rows, keys] = [200, 50_000];
  const random = createRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const typing = (): { row: number; changes: Changes }[] => {
    const lengths = Array.from({ length: rows }, () => 60);
    let [row, at, left] = [0, 0, 0];
    return Array.from({ length: keys }, () => {
      if (left-- === 0) [row, left, at] = [below(rows), 5 + below(30), 0];
      const length = lengths[row] ?? 0;
      if (at === 0) at = 1 + below(length);
      const goes = at > 1 && below(8) === 0;
      lengths[row] = length + (goes ? -1 : 1);
      at += goes ? -1 : 1;
      return { row, changes: goes ? [at, -1] : [at - 1, "k"] };
    });
  };
  const [theirs, mine] = [typing(), typing()];
  const start = performance.now();
  const own = Map.groupBy(mine, ({ row }) => row);
  const bridge = createLongBridge();
  for (const [index, { row, changes }] of theirs.entries()) bridge.add(index, [edit(`row${row}`, ...changes)]);
  const taken = [...own].flatMap(([row, edits]) =>
    bridge.take(edit(`row${row}`, ...composeAll(edits.map(({ changes }) => changes)))),
  );
  expect(taken).toHaveLength(own.size);
  // Ten times what it takes on an idle machine.
  expect(performance.now() - start).toBeLessThan(5_000);
});

test("the longest of conflicts stays bounded: 40 joins against 40 others leave a few hundred steps", () => {
  const ids = Array.from({ length: 41 }, (_, index) => `r${index}`);
  const joins = (random: () => number): Step[] => {
    const alive = [...ids];
    const lengths = new Map(ids.map((id) => [id, 1]));
    return Array.from({ length: 40 }, () => {
      const [id = ""] = alive.splice(Math.floor(random() * alive.length), 1);
      const into = alive[Math.floor(random() * alive.length)] ?? "";
      const [length, at] = [lengths.get(id) ?? 0, lengths.get(into) ?? 0];
      lengths.set(id, 0).set(into, at + length);
      return join(id, into, at, length);
    });
  };
  for (let run = 0; run < 20; run++) {
    const met = rebase(joins(createRandom(seed, run)), joins(createRandom(seed, run + 1_000)));
    expect(met.over.length).toBeLessThan(2_000);
  }
});
