import type { Operation } from "../../../src/tree/index.ts";
import { LARGE, many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import { persist } from "./persist.ts";

// A few bytes of which many are made: sent to everybody, or written.

const unset = (index: number): Operation => ({ op: "update", id: `n${index}`, unset: ["text"] });

/** Alternates: whatever it is that a small mutation brings back large. */
const undoAndRedo = (what: "undo" | "redo", mutation: number): Operation => ({ op: what, mutations: [mutation] });

async function deafOnes(rude: Rude, count: number): Promise<void> {
  const held = await rude.held();
  for (let index = 0; index < count; index++) await rude.join(`deaf-${index}`, { held, syncs: "never", deaf: true });
}

export const amplify: readonly Attack[] = [
  {
    name: "unread-event",
    title: "40 readers who read nothing, then undos of 30 removed texts of 1 MB: 2 KB sent",
    lines: () => many(30, LARGE),
    async attack(rude) {
      await deafOnes(rude, 40);
      await persist(rude, "rude", async (by) => {
        const first = by.mutate([]) + 1;
        await rude.commit(by, [{ ops: Array.from({ length: 30 }, (_, index) => unset(index)) }]);
        for (let turn = 0; turn < 20 && by.closed === null && !rude.over; turn++) {
          await rude.commit(by, [{ ops: [undoAndRedo(turn % 2 ? "redo" : "undo", first)] }]);
        }
      });
    },
  },
  {
    name: "log-by-undo",
    title: "undo and redo of an unset of 1 MB, 250 a frame",
    lines: () => many(1, LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by, round) => {
        if (round === 0) await rude.commit(by, [{ ops: [unset(0)] }]);
        const ops = (index: number) => [undoAndRedo(index % 2 ? "redo" : "undo", 1)];
        await rude.commit(
          by,
          Array.from({ length: 250 }, (_, index) => ({ ops: ops(index) })),
        );
      }),
  },
  {
    name: "log-by-restore",
    title: "remove and restore of a branch of 10 nodes of 1 MB, 250 a frame",
    lines: function* () {
      yield { id: "branch", type: "page" };
      yield* many(10, LARGE, "branch");
    },
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const ops = (index: number): Operation[] =>
          index % 2 ? [{ op: "move", id: "branch", parent: PLACE }] : [{ op: "remove", id: "branch" }];
        await rude.commit(
          by,
          Array.from({ length: 250 }, (_, index) => ({ ops: ops(index) })),
        );
      }),
  },
  {
    name: "log-by-update",
    title: "a frame of 1 MB that overwrites a text of 1 MB, as fast as it is answered",
    lines: () => many(1, LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by, round) => {
        const text = `${round}`.padEnd(LARGE, "y");
        await rude.commit(by, [{ ops: [{ op: "update", id: "n0", attrs: { text } }] }]);
      }),
  },
];
