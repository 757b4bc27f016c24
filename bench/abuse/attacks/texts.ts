import type { Operation } from "../../../src/tree/index.ts";
import { LARGE, many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import { persist } from "./persist.ts";

// What may be done to texts, and with what nobody has seen of it.

const edit = (id: string, changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });

/** A change of many places: every other one is kept. */
const everywhere = (count: number): (number | string)[] => Array.from({ length: count }, (_, at) => (at % 2 ? "x" : 1));

/** So many keystrokes that somebody else has missed. */
const MISSED = 50_000;

async function type(rude: Rude, count: number): Promise<void> {
  const by = await rude.join("typist");
  for (let typed = 0; typed < count && !rude.over; typed += 256) {
    const changes = Array.from({ length: 256 }, (_, index) => ({ ops: [edit("n0", [typed + index, "x"])] }));
    await rude.commit(by, changes);
  }
  by.close();
}

export const texts: readonly Attack[] = [
  {
    name: "edits-everywhere",
    title: "edits of 10 000 changes each in a text of 1 MB",
    lines: () => [{ id: "n0", type: "row", parent: PLACE, attrs: { text: "x".repeat(LARGE / 2) } }],
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const changes = Array.from({ length: 16 }, () => ({ ops: [edit("n0", everywhere(10_000))] }));
        await rude.commit(by, changes);
        await rude.commit(by, [{ ops: [edit("n0", [1, -80_000])] }]);
      }),
  },
  {
    name: "edits-of-long-ago",
    title: `keystrokes whose authors have missed ${MISSED}, another client each`,
    lines: () => many(1, 1),
    prepare: (rude) => type(rude, MISSED),
    async attack(rude) {
      for (let count = 0; !rude.over; count++) {
        const by = await rude.join(`late-${count}`);
        await rude.commit(by, [{ base: 0, ops: [edit("n0", [0, "y"])] }]);
        by.close();
      }
    },
  },
  {
    name: "splits-and-joins",
    title: "a row split in 128 and joined again, whose author has seen nothing of it",
    lines: () => [{ id: "n0", type: "row", parent: PLACE, attrs: { text: "x".repeat(1_000) } }],
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const rows = Array.from({ length: 128 }, (_, index) => `${by.client}-${by.answers}-${index}`);
        const splits = rows.map(
          (id): Operation => ({ op: "split", id: "n0", attr: "text", at: 500, node: { id, type: "row" } }),
        );
        const joins = rows.map((id): Operation => ({ op: "join", id, into: "n0", attr: "text" }));
        for (const ops of [splits, joins]) await rude.commit(by, [{ base: 0, ops }]);
      }),
  },
];
