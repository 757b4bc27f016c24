import { LARGE, many } from "../document.ts";
import type { Attack } from "../kinds.ts";
import { update } from "../rude.ts";
import { refuseMany, UPPER_AND_LOWER } from "./refusals.ts";

// What is done to a document by an old server that has much memory, and that a new one has to open with little.

/** Nothing that was not prepared. */
const attack = async () => {};

export const poisons: readonly Attack[] = [
  {
    name: "poison-updates",
    title: "a log of an update of a byte in each of 200 nodes of 1 MB",
    lines: () => many(200, LARGE),
    options: { snapshotInterval: null },
    async prepare(rude) {
      const by = await rude.join("rude", { held: await rude.held() });
      for (let index = 0; index < 200; index++) await rude.commit(by, [{ ops: [update(`n${index}`, { a: index })] }]);
    },
    attack,
  },
  {
    name: "poison-rejections",
    title: "302 clients with 256 rejections each",
    lines: () => UPPER_AND_LOWER,
    options: { snapshotInterval: null },
    prepare: refuseMany,
    attack,
  },
];
