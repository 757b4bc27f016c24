import { LARGE, many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import { update } from "../rude.ts";
import { persist } from "./persist.ts";

// There is no room left.

export const storage: readonly Attack[] = [
  {
    name: "fill",
    title: "a document of at most 20 MB that somebody fills by frames of 1 MB",
    options: { maxBytes: 20_000_000 },
    attack: (rude) =>
      persist(rude, "rude", async (by, round) => {
        const node = { id: `f${round}`, type: "row", attrs: { text: "y".repeat(LARGE) } };
        await rude.commit(by, [{ ops: [{ op: "insert", node, parent: PLACE }] }]);
      }),
  },
  {
    name: "disk-full",
    title: "storage full: every write fails; somebody shortens the history",
    lines: () => many(100, 20),
    diskFull: true,
    async attack(rude) {
      const status = await rude.ask("PATCH", "", JSON.stringify({ options: { historyRetention: 60_000 } }));
      rude.saw(`PATCH: ${status}`);
      await persist(rude, "rude", async (by, round) => {
        await rude.commit(by, [{ ops: [update(`n${round % 100}`, { a: round })] }]);
        await rude.pause(200);
      });
    },
  },
];
