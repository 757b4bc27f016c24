import { expect, it } from "vitest";
import type { Changes, Step } from "../../src/text/index.ts";
import { createStanding } from "../../src/tree/standing.ts";
import type { TextPart } from "../../src/tree/steps.ts";

const attr = "text";
const edit = (id: string, changes: Changes): Step & { op: "edit" } => ({ op: "edit", id, attr, changes });

function part(seq: number, id: string, changes: Changes, back: Changes, kept: { undo?: number } = {}): TextPart {
  const step = edit(id, changes);
  return { seq, effect: { ...step, ...kept }, steps: [step], back: [edit(id, back)] };
}

it("X46 what somebody has deleted and brought back is left out, wherever that is, as long as so much may be met", () => {
  // In each text somebody has deleted what was typed there first, and taken that back behind 5 000 other events that are done again.
  const texts = Array.from({ length: 10 }, (_, index) => `t${index}`);
  const takenBack = (most: number) => {
    let left = most;
    const standing = createStanding((steps) => {
      left -= steps;
      return left >= 0;
    });
    // The newest first.
    for (const [index, id] of texts.entries()) {
      const at = id === "t0" ? [5_000] : [];
      standing.before(part(30_000 - index, id, [...at, "a"], [...at, -1], { undo: 9_000 + index }));
    }
    for (let seq = 20_000; seq > 15_000; seq--) standing.before(part(seq, "t0", ["b"], [-1], { undo: 1 }));
    for (const [index, id] of [...texts.entries()].reverse()) standing.before(part(9_000 + index, id, [-1], ["a"]));
    return texts.filter((id) => (standing.takeBack(part(1, id, ["a"], [-1]))?.steps.length ?? 0) > 0);
  };
  expect(takenBack(10_100)).toEqual(texts);
  // What deletes it counts as done where all of the 5 000 may not be met, and to take more back than that may not be asked for.
  expect(takenBack(4_999)).toEqual(texts.slice(1));
});

it("X46 many plain events are few to take something back behind: they are put together", () => {
  let met = 0;
  const standing = createStanding((steps) => {
    met += steps;
    return true;
  });
  for (let seq = 10_000; seq > 1; seq--) standing.beforePlain(seq, [edit("t", [seq - 1, "b"])]);
  expect(standing.takeBack(part(1, "t", ["a"], [-1]))?.steps).toEqual([edit("t", [-1])]);
  expect(met).toBeLessThan(100);
});
