import { many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import { inParallel } from "./in-parallel.ts";
import { makePast } from "./past.ts";
import { persist } from "./persist.ts";
import { refuseMany, UPPER_AND_LOWER } from "./refusals.ts";

// What the document has to remember, and to look up, for who asks again.

export const answers: readonly Attack[] = [
  {
    name: "rejections",
    title: "302 clients with 256 refused mutations each, 48 KB",
    lines: () => UPPER_AND_LOWER,
    attack: refuseMany,
  },
  {
    name: "old-base",
    title: "a removal of 99 500 nodes with an old base that its second operation refuses, 256 a frame",
    lines: function* () {
      yield { id: "branch", type: "page" };
      yield* many(99_500, 0, "branch");
    },
    prepare: (rude) => makePast(rude, "past", 9_000, 600),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const ops = [
          { op: "remove" as const, id: "branch" },
          { op: "remove" as const, id: "root" },
        ];
        await rude.commit(
          by,
          Array.from({ length: 256 }, () => ({ base: 0, ops })),
        );
      }),
  },
  {
    name: "old-counters",
    title: "frames of 256 old counters that are no neighbours, of frames that were 1 MB",
    lines: () => many(100, 0),
    prepare: (rude) => makePast(rude, "past", 20_000, 100, 3_900),
    attack: (rude) =>
      persist(rude, "past", async (by, round) => {
        const mutations = Array.from({ length: 256 }, (_, index) => ({
          mutation: 1 + ((round + index * 251) % 19_000),
          ops: [],
        }));
        const wanted = by.answers + 256;
        by.send(JSON.stringify({ type: "mutate", mutations }));
        await rude.until(() => by.answers >= wanted || by.closed !== null);
      }),
  },
  {
    name: "history",
    title: "8 searches of the history for nobody, and 8 trees of long ago, again and again",
    lines: () => many(5_000, 100),
    prepare: (rude) => makePast(rude, "past", 20_000, 5_000),
    attack: (rude) => inParallel(rude, ["/history?where[client]=nobody", `/tree?node=${PLACE}&at=10`], 8),
  },
];
