import type { Operation } from "../../../src/tree/index.ts";
import { LARGE, many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import { type Rude, update } from "../rude.ts";
import { persist } from "./persist.ts";

// Small frames about what is large.

const remove: Operation[] = [{ op: "remove", id: "branch" }];
const restore: Operation[] = [{ op: "move", id: "branch", parent: PLACE }];

/** A branch of so many large nodes. */
function* branch(count: number, characters: number) {
  yield { id: "branch", type: "page" };
  yield* many(count, characters, "branch");
}

async function closing(rude: Rude): Promise<void> {
  // A checkpoint comes at most five seconds after; then what it does is seen.
  await rude.pause(6_000);
}

export const weight: readonly Attack[] = [
  {
    name: "heavy-updates",
    title: "one frame: an update of a byte in each of 200 nodes of 1 MB",
    lines: () => many(200, LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const changes = Array.from({ length: 200 }, (_, index) => ({
          ops: [update(`n${index}`, { a: 1 + by.answers })],
        }));
        await rude.commit(by, changes);
        await closing(rude);
      }),
  },
  {
    name: "heavy-updates-singly",
    title: "200 such updates, one by one",
    lines: () => many(200, LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        for (let index = 0; index < 200 && !rude.over && by.closed === null; index++) {
          await rude.commit(by, [{ ops: [update(`n${index}`, { a: index + by.answers })] }]);
        }
      }),
  },
  {
    name: "heavy-node",
    title: "updates of a byte in one node of 1 MB, 256 a frame",
    lines: () => many(1, LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const changes = Array.from({ length: 256 }, (_, index) => ({ ops: [update("n0", { a: index })] }));
        await rude.commit(by, changes);
      }),
  },
  {
    name: "wide-removal",
    title: "one remove of 49 000 nodes of 2.2 KB, and the checkpoint",
    lines: () => branch(49_000, 2_200),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        await rude.commit(by, [{ ops: remove }]);
        await closing(rude);
      }),
  },
  {
    name: "heavy-branch",
    title: "remove of a branch of 126 MB, then 20 × remove and restore in one frame",
    lines: () => branch(126, LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        await rude.commit(by, [{ ops: remove }]);
        await rude.commit(
          by,
          Array.from({ length: 40 }, (_, index) => ({ ops: index % 2 ? remove : restore })),
        );
        await closing(rude);
      }),
  },
];
