import { expect, test } from "vitest";
import { check } from "./check.ts";
import { enumerate } from "./enumerate.ts";
import { play } from "./play.ts";
import { randomScript } from "./random.ts";
import { type Act, linesOf, type Script } from "./script.ts";
import { shrink } from "./shrink.ts";

test("every pair and triple is another script, and there are more than 30 000", () => {
  const scripts = [...enumerate()].map((script) => linesOf(script).join("\n"));
  expect(new Set(scripts).size).toBe(scripts.length);
  expect(scripts.length).toBeGreaterThan(30_000);
  const reloaded = scripts.filter((script) => script.includes("reload"));
  expect(reloaded.length).toBe(scripts.length / 2);
});

test("a script goes the same way each time, and another seed makes others", async () => {
  const script = randomScript(1, 7);
  expect(randomScript(1, 7)).toEqual(script);
  expect(randomScript(2, 7)).not.toEqual(script);
  const [once, again] = [await play(script), await play(script)];
  expect(again.redone).toEqual(once.redone);
  expect(once.redone.events.length).toBeGreaterThan(3);
});

test("those who are away are not heard, and everyone agrees in the end", async () => {
  const script: Script = {
    people: 2,
    reload: true,
    steps: [
      { who: 0, goes: "offline" },
      { who: 0, act: { do: "update", id: "y", key: "v", value: 1 } },
      { who: 1, act: { do: "update", id: "y", key: "v", value: 2 } },
      { who: 0, goes: "back" },
    ],
  };
  const { played, undone, redone, problems } = await play(script);
  expect(problems).toEqual([]);
  expect(played.deeds.map(({ seq, base }) => [seq, base])).toEqual([
    [2, 0],
    [1, 0],
  ]);
  expect([played, undone, redone].map(({ end }) => end.get("y")?.attrs.v)).toEqual([1, 2, 1]);
});

test("of what a closed page has left the history tells what became of it, or nobody can", async () => {
  const script = (first: Act): Script => ({
    people: 2,
    reload: false,
    steps: [
      { who: 1, act: { do: "insert", id: "n0", parent: "p" } },
      { who: 1, goes: "held" },
      { who: 0, act: first },
      { who: 1, act: { do: "undo" } },
      { who: 1, act: { do: "update", id: "x", key: "v", value: 1 }, reload: true },
    ],
  });
  const undoing = async (first: Act) => (await play(script(first))).played.deeds[2];
  expect(await undoing({ do: "remove", id: "a" })).toMatchObject({ answered: true, seq: 3, told: [] });
  expect(await undoing({ do: "update", id: "n0", key: "v", value: 7 })).toMatchObject({ answered: false, seq: null });
});

test("a script is made as small as what is wrong with it allows", async () => {
  const script = randomScript(3, 12);
  const undoes = ({ steps }: Script) => steps.some((step) => "act" in step && step.act.do === "undo");
  const small = await shrink(script, async (each) => undoes(each));
  expect(small.steps).toHaveLength(1);
  expect(await check(small)).toEqual([]);
});
