import { many } from "../document.ts";
import type { Attack } from "../kinds.ts";
import { update } from "../rude.ts";
import { persist } from "./persist.ts";

// There is no room left.

export const storage: readonly Attack[] = [
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
