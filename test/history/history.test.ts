import { expect, it } from "vitest";
import { seed, times } from "../support/seed.ts";
import { KINDS, type Kind, sweep } from "./sweep.ts";

// `npm run fuzz -- history` plays thousands of each.

it.each<[string, Kind, number]>([
  [
    "V139 V20 V21 V40 V41 all that is told of it is right: the tree at every seq, what differs, and who wrote what",
    "read",
    4,
  ],
  ["V139 V136 and so is what is left when its beginning was let go of", "expire", 3],
  [
    "V139 V31 V32 V35 V126 a restore does what its dryRun tells, restores, touches nothing else, and is undone",
    "restore",
    8,
  ],
  ["V139 V48 the bin has what was removed, and brings it back to where it stood", "bin", 8],
  ["V138 V145 V56 undo of all that one did in a branch of his own leaves what there had been without him", "apart", 10],
  ["V138 V56 undo of all that one did among others takes nothing of theirs away", "together", 10],
])("%s", (_, kind, count) => {
  const { wrong } = sweep(kind, seed, times(count));
  expect(wrong.join("\n\n")).toBe("");
});

it("V143 what stood beside the place that it was once kept out of stands there again when the restore that removed it is undone", () => {
  for (const found of [60019, 60030]) expect(KINDS.restore(found)).toEqual([]);
});
