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

it("X46 a million steps are met to leave out what was undone since, and what is beyond counts as done", () => {
  // In each text somebody has deleted what was typed there first, and taken that back behind 9 999 other events.
  const texts = Array.from({ length: 101 }, (_, index) => `t${index}`);
  const standing = createStanding();
  // The newest first.
  for (const [index, id] of texts.entries())
    standing.before(part(30_000 - index, id, ["a"], [-1], { undo: 9_000 + index }));
  for (let seq = 20_000; seq > 20_000 - 9_999; seq--) standing.beforePlain(seq, [edit("elsewhere", ["b"])]);
  for (const [index, id] of [...texts.entries()].reverse()) standing.before(part(9_000 + index, id, [-1], ["a"]));
  const isTakenBack = (id: string) => standing.takeBack(part(1, id, ["a"], [-1])).steps.length > 0;
  expect(texts.filter((id) => !isTakenBack(id))).toEqual(["t0"]);
});
