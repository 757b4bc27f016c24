import type { Line } from "../../before/documents.ts";
import type { Rude } from "../rude.ts";

// Mutations that are refused, of which as much as possible is said. Ids are as long as may be.

const long = (id: string) => id.padEnd(128, "-");
const [UPPER, LOWER] = [long("upper"), long("lower")];
const CLIENTS = 302;
const AT_ONCE = 10;

export const UPPER_AND_LOWER: readonly Line[] = [
  { id: UPPER, type: "page" },
  { id: LOWER, type: "page" },
];

/** Lots of clients who move one into the other, into which somebody has moved that one before: 48 KB each. */
export async function refuseMany(rude: Rude): Promise<void> {
  const held = await rude.held();
  const winner = await rude.join(long("winner"), { held });
  await rude.commit(winner, [{ ops: [{ op: "move", id: LOWER, parent: UPPER }] }]);
  const changes = Array.from({ length: 256 }, () => ({ ops: [{ op: "move" as const, id: UPPER, parent: LOWER }] }));
  let next = 0;
  const loop = async () => {
    while (next < CLIENTS && !rude.over) {
      const by = await rude.join(long(`refused-${next++}`), { held });
      await rude.commit(by, changes);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
}
