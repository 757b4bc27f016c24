import type { Operation } from "../../../src/tree/index.ts";
import { many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import { inParallel } from "./in-parallel.ts";
import { makePast } from "./past.ts";

// What is asked of the history at its most expensive, by several who wait for nothing else.

const NODES = 2_000;
const EVENTS = 20_000;
/** Operations of a mutation, at most. */
const OPERATIONS = 10_000;

/** Updates of all of so many nodes, as many in an event as may be, to texts so long in letters of two bytes: the most that a comparison looks at. */
async function changeAll(rude: Rude, nodes: number, rounds: number, characters: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let first = 0; first < nodes; first += OPERATIONS) {
      const ops = Array.from({ length: Math.min(OPERATIONS, nodes - first) }, (_, index): Operation => {
        return { op: "update", id: `n${first + index}`, attrs: { text: `${round}`.padEnd(characters, "\u0436") } };
      });
      await rude.ask("POST", "/mutations", JSON.stringify({ ops }));
    }
  }
}

/** Somebody removes so many rows, one by one, and puts them back where that is asked for. */
async function removeMany(rude: Rude, rows: number): Promise<void> {
  const by = await rude.join("remover", { held: await rude.held() });
  for (let first = 0; first < rows; first += FRAME) {
    const length = Math.min(FRAME, rows - first);
    await rude.commit(
      by,
      Array.from({ length }, (_, index) => ({ ops: [{ op: "remove", id: `n${first + index}` }] })),
    );
  }
  by.close();
}

/** Somebody types in one text until it is long, and takes back the first that he has typed. */
async function typeLong(rude: Rude, keys: number): Promise<void> {
  const by = await rude.join("typist", { held: await rude.held() });
  for (let typed = 0; typed < keys; typed += FRAME) {
    const length = Math.min(FRAME, keys - typed);
    await rude.commit(
      by,
      Array.from({ length }, (_, index) => {
        const at = ((typed + index) * 7_919) % (typed + index + 1);
        return { ops: [{ op: "edit", id: "n0", attr: "text", changes: at > 0 ? [at, "ab"] : ["ab"] }] };
      }),
    );
  }
  await rude.commit(by, [{ ops: [{ op: "undo", mutations: [1] }] }]);
  by.close();
}

const FRAME = 250;

export const history: readonly Attack[] = [
  {
    name: "history-subtree",
    title: "24 who ask for what happened below a row, in words and with inverses",
    lines: () => many(NODES, 100),
    prepare: (rude) => makePast(rude, "past", EVENTS, NODES, 200),
    attack: (rude) => {
      const page = "limit=1000&summary=true&inverse=true&order=newest";
      return inParallel(
        rude,
        [`/history?node=n7&subtree=true&${page}`, `/history?by=session&limit=1000&summary=true`],
        12,
      );
    },
  },
  {
    name: "history-pages",
    title: "200 pages of history of 2 Mi characters at once, again and again",
    lines: () => many(100, 0),
    prepare: (rude) => makePast(rude, "past", 4_000, 100, 3_900),
    attack: (rude) => inParallel(rude, ["/history?limit=1000&inverse=true", "/history?limit=1000&order=newest"], 100),
  },
  {
    name: "diffs",
    title: "16 diffs of 20 000 events, as nodes and as operations",
    lines: () => many(NODES, 100),
    prepare: (rude) => makePast(rude, "past", EVENTS, NODES, 200),
    attack: (rude) => inParallel(rude, ["/diff?from=10&limit=1000", "/diff?from=10&ops=true&limit=1000"], 8),
  },
  {
    name: "diffs-wide",
    title: "8 diffs over 60 000 nodes that all differ, of their last page",
    lines: () => many(60_000, 20),
    prepare: (rude) => changeAll(rude, 60_000, 2, 140),
    attack: (rude) => inParallel(rude, ["/diff?from=0&limit=1000&after=59000", "/diff?from=0&ops=true&after=59000"], 4),
  },
  {
    name: "restores",
    title: "8 restores of a tree of which 9 000 nodes differ, done, and 8 that are dry",
    lines: () => many(9_000, 20),
    prepare: (rude) => changeAll(rude, 9_000, 3, 20),
    async attack(rude) {
      const body = (dryRun: boolean, to: number) => JSON.stringify({ to, dryRun, partly: true, others: "remove" });
      const loop = async (index: number) => {
        for (let round = 0; !rude.over; round++) {
          const status = await rude.ask("POST", "/restore", body(index % 2 === 0, (index + round) % 4));
          if (status !== 200) await rude.pause(100);
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, index) => loop(index)));
    },
  },
  {
    name: "blames",
    title: "16 blames of a text with 20 000 edits of which the first was undone, from the beginning each time",
    lines: () => many(100, 20),
    prepare: (rude) => typeLong(rude, EVENTS),
    attack: (rude) => inParallel(rude, ["/blame?node=n0", "/blame?node=n0&attr=text"], 8),
  },
  {
    name: "bins",
    title: "16 searches of a bin of 10 000 rows for what is not there",
    lines: () => many(EVENTS, 100),
    prepare: (rude) => removeMany(rude, 10_000),
    attack: (rude) =>
      inParallel(rude, ["/bin?text=nowhere&limit=1000", "/bin?text=nowhere&limit=1000&after=9000.0"], 8),
  },
  {
    name: "undos",
    title: "16 undos of who has done nothing, and of an edit with 20 000 behind it, over HTTP",
    lines: () => many(100, 20),
    prepare: (rude) => typeLong(rude, EVENTS),
    async attack(rude) {
      const loop = async (index: number) => {
        for (let round = 0; !rude.over; round++) {
          const body = index % 2 === 0 ? { client: `nobody-${round}` } : { seq: 2 + ((index + round * 31) % 500) };
          if ((await rude.ask("POST", "/undo", JSON.stringify(body))) === 0) await rude.pause(100);
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, index) => loop(index)));
    },
  },
  {
    name: "undos-joined",
    title: "5 clients who undo such an edit, and do it again, one after the other",
    lines: () => many(100, 20),
    prepare: (rude) => typeLong(rude, EVENTS),
    async attack(rude) {
      const held = await rude.held();
      const loop = async (index: number) => {
        const by = await rude.join(`rude-${index}`, { held });
        for (let round = 0; !rude.over && by.closed === null; round++) {
          const seqs = [2 + index * 10 + (round >> 1)];
          await rude.commit(by, [{ ops: [round % 2 === 0 ? { op: "undo", seqs } : { op: "redo", seqs }] }]);
        }
        by.close();
      };
      await Promise.all(Array.from({ length: 5 }, (_, index) => loop(index)));
    },
  },
  {
    name: "trees-of-long-ago",
    title: "16 trees and moments of long ago, whole and by time",
    lines: () => many(5_000, 100),
    prepare: (rude) => makePast(rude, "past", EVENTS, 5_000),
    attack: (rude) => inParallel(rude, [`/tree?at=10`, `/tree?node=${PLACE}&depth=1&at=5000`], 8),
  },
];
