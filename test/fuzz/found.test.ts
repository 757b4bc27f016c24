import { expect, test } from "vitest";
import { check } from "./check.ts";
import type { Script, Step } from "./script.ts";

// Scripts of three people in which the fuzz once found a rule broken: what is rare there is tried each time here.

const FOUND: readonly (readonly [name: string, steps: readonly Step[]])[] = [
  [
    "who undoes a removal offline has not seen where somebody else had moved the node meanwhile",
    [
      { who: 2, goes: "offline" },
      { who: 2, act: { do: "remove", id: "y" } },
      { who: 2, act: { do: "undo" } },
      { who: 0, act: { do: "move", id: "y", parent: "q" } },
      { who: 2, act: { do: "remove", id: "q" } },
    ],
  ],
  [
    "what was kept from a removal goes home with its undo, where its home was moved out of it meanwhile",
    [
      { who: 0, goes: "deaf" },
      { who: 1, act: { do: "move", id: "z", parent: "y" } },
      { who: 0, act: { do: "remove", id: "p" } },
      { who: 1, act: { do: "move", id: "y", parent: "root" } },
    ],
  ],
  [
    "a move out of what is removed, done again after it was put beside that, and undone once more",
    [
      { who: 1, act: { do: "remove", id: "p" } },
      { who: 0, act: { do: "move", id: "y", parent: "q" } },
      { who: 2, act: { do: "move", id: "y", parent: "k" } },
      { who: 0, act: { do: "undo" } },
      { who: 2, act: { do: "undo" } },
      { who: 0, act: { do: "redo" } },
    ],
  ],
  [
    "what was kept from a node goes home with that where it went back into what is removed around it",
    [
      { who: 0, act: { do: "remove", id: "p" } },
      { who: 0, act: { do: "move", id: "x", parent: "p" } },
      { who: 1, act: { do: "move", id: "c", parent: "x" } },
    ],
  ],
  [
    "what was kept from a removal, and went home into something else that was, is kept from it again",
    [
      { who: 0, act: { do: "remove", id: "p" } },
      { who: 2, act: { do: "move", id: "y", parent: "x" } },
      { who: 1, act: { do: "move", id: "x", parent: "p" } },
    ],
  ],
  [
    "an undo that a closed page has left comes to nothing where somebody has written in what was made",
    [
      { who: 1, act: { do: "insert", id: "n0", parent: "p" } },
      { who: 1, goes: "held" },
      { who: 0, act: { do: "update", id: "n0", key: "v", value: 7 } },
      { who: 1, act: { do: "undo" } },
      { who: 1, act: { do: "undo" }, reload: true },
    ],
  ],
];

test.each(FOUND)("%s", async (_name, steps) => {
  const script: Script = { people: 3, reload: false, steps };
  expect(await check(script)).toEqual([]);
});
