import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/testing/random.ts";
import { applyChanges, type Changes, createBridge, createWeave, normalize } from "../../src/text/index.ts";
import { seed, times } from "../support/seed.ts";

/** A whole number below this one. */
type Random = (below: number) => number;

function randomOf(from: number): Random {
  const random = createRandom(from);
  return (below) => Math.floor(random() * below);
}

const PEOPLE = ["ann", "bob", "cyd"];

/** Something that can be done to a text of so many units. */
function changesOf(random: Random, length: number, letter: string): Changes {
  const changes: (number | string)[] = [];
  let at = 0;
  for (let count = 1 + random(2); count > 0; count--) {
    const kept = random(length - at + 1);
    at += kept;
    changes.push(kept);
    const what = random(3);
    if (what !== 1) changes.push(...(at > 0 && random(3) === 0 ? [0] : []), random(4) === 0 ? `${letter}!` : letter);
    const gone = what === 0 ? 0 : Math.min(length - at, 1 + random(3));
    at += gone;
    changes.push(-gone);
  }
  return normalize(changes);
}

/** Three people, each with some in flight, in one text; says what a bridge and a weave make of it. */
function play(random: Random, events: number): { readonly bridge: string[]; readonly weave: string[] } {
  let text = "abcdef".slice(0, random(7));
  let weave = createWeave(text.length);
  const people = PEOPLE.map((name) => ({ name, base: 0, bridge: createBridge() }));
  const told: { bridge: string[]; weave: string[] } = { bridge: [], weave: [] };
  for (let seq = 1; seq <= events; seq++) {
    const by = people[random(people.length)] ?? { name: "", base: 0, bridge: createBridge() };
    if (random(2) === 0) by.base += random(seq - by.base);
    by.bridge.advance(by.base);
    const length = by.bridge.lengthOf("row", "text", text.length);
    const changes = changesOf(random, length, String.fromCharCode(65 + (seq % 26)));
    const [taken] = by.bridge.take({ op: "edit", id: "row", attr: "text", changes });
    const step = { op: "edit", id: "row", attr: "text", changes: taken?.op === "edit" ? taken.changes : [] } as const;
    told.bridge.push(JSON.stringify(step.changes));
    // What is refused leaves nothing behind, and what all have seen may be forgotten.
    weave.copy().take(random(2) === 0 ? by.name : {}, by.base, seq, changes);
    if (random(3) === 0) weave = weave.copy();
    if (random(8) === 0) weave.forget(Math.min(...people.map(({ base }) => base)));
    told.weave.push(JSON.stringify(weave.take(by.name, by.base, seq, changes)));
    text = applyChanges(text, step.changes);
    for (const other of people) if (other !== by) other.bridge.add(seq, [step]);
    expect(weave.length).toBe(text.length);
  }
  return told;
}

describe("a weave", () => {
  it.each([6, 12, 60])("X1–X4, X136 says what a bridge says, to the tie, of %i events of three people", (events) => {
    for (let run = 0; run < times(4_000 / events); run++) {
      const { bridge, weave } = play(randomOf(seed + run), events);
      expect(weave, `run ${run}`).toEqual(bridge);
    }
  });

  it("X136 a run is what one author typed; long ones, and what was taken away in between, are several", () => {
    const weave = createWeave(10);
    for (let seq = 1; seq <= 128; seq++) weave.take("ann", 0, seq, [4 + seq, 0, "x"]);
    // What was there on both sides, and two of 64 units.
    expect(weave.runs).toBe(4);
    expect(weave.take("bob", 0, 129, [5, "y"])).toEqual([5 + 128, "y"]);
    expect(weave.take("bob", 64, 130, [5 + 64, "z"])).toEqual([5 + 128, "z"]);
  });

  it("what goes past the end of what its author saw goes past the end", () => {
    const weave = createWeave(3);
    weave.take("ann", 0, 1, ["xx"]);
    expect(weave.take("bob", 0, 2, [7, "y"])).toEqual([9, "y"]);
  });
});
