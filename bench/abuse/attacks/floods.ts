import type { Operation } from "../../../src/tree/index.ts";
import { many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import { type Rude, update } from "../rude.ts";
import type { Change, RudeClient } from "../rude-client.ts";
import { persist } from "./persist.ts";

// As much as the wire takes, as fast as it takes it.

/** Keeps so many frames unanswered. */
async function flood(rude: Rude, by: RudeClient, unanswered: number, frame: () => readonly Change[]): Promise<void> {
  const wanted: number[] = [];
  while (!rude.over && by.closed === null) {
    while (wanted.length < unanswered) wanted.push(by.mutate(frame()));
    const [first = 0] = wanted;
    await rude.until(() => by.answers >= first || by.closed !== null);
    wanted.shift();
  }
}

let made = 0;
/** A frame of about 1 MB: 256 mutations of small operations. */
const inserts = (): Change[] =>
  frameOf(34, () => ({ op: "insert", node: { id: `i${made++}`, type: "row" }, parent: PLACE }));
const updates = (): Change[] => frameOf(70, () => update(`n${made % 1_000}`, { a: made++ }));
const moves = (): Change[] => frameOf(48, () => ({ op: "move", id: `n${made++ % 1_000}`, parent: PLACE, after: null }));

function frameOf(operations: number, make: () => Operation): Change[] {
  return Array.from({ length: 256 }, () => ({ ops: Array.from({ length: operations }, make) }));
}

const floodBy =
  (clients: number, frame: () => readonly Change[], unanswered = 4) =>
  async (rude: Rude) => {
    await Promise.all(
      Array.from({ length: clients }, (_, index) =>
        persist(rude, `flood-${index}`, (by) => flood(rude, by, unanswered, frame)),
      ),
    );
  };

/** A chain of a thousand levels, and its last. */
function* chain(levels: number) {
  for (let level = 0; level < levels; level++) {
    yield { id: `c${level}`, type: "page", ...(level > 0 && { parent: `c${level - 1}` }) };
  }
}

export const floods: readonly Attack[] = [
  { name: "flood-inserts", title: "4 frames of 1 MB of inserts unanswered", attack: floodBy(1, inserts) },
  {
    name: "flood-updates",
    title: "4 frames of 1 MB of updates unanswered",
    lines: () => many(1_000, 20),
    attack: floodBy(1, updates),
  },
  {
    name: "flood-moves",
    title: "4 frames of 1 MB of moves unanswered, by each of 5 clients",
    lines: () => many(1_000, 20),
    attack: floodBy(5, moves),
  },
  {
    name: "flood-small",
    title: "20 clients with a mutation a frame, 200 frames unanswered",
    lines: () => many(1_000, 20),
    attack: floodBy(20, () => [{ ops: [update(`n${made++ % 1_000}`, { a: made })] }], 200),
  },
  {
    name: "flood-deep",
    title: "moves of the top of 450 levels to the foot of 500, 256 a frame",
    lines: function* () {
      yield* chain(500);
      for (const line of chain(450))
        yield { ...line, id: `d${line.id}`, ...(line.parent && { parent: `d${line.parent}` }) };
    },
    attack: floodBy(1, () => frameOf(40, () => ({ op: "move", id: "dc0", parent: made++ % 2 ? "c499" : "c498" })), 2),
  },
  {
    name: "flood-graves",
    title: "inserts in front of 50 000 removed siblings, 256 a frame",
    lines: function* () {
      yield* many(1, 0, PLACE, "first");
      yield* many(50_000, 0, PLACE, "g");
    },
    async prepare(rude) {
      const by = await rude.join("digger", { held: await rude.held() });
      for (let done = 0; done < 50_000; done += 5_000) {
        const ops = Array.from({ length: 5_000 }, (_, index) => ({ op: "remove" as const, id: `g${done + index}` }));
        await rude.commit(by, [{ ops }]);
      }
      by.close();
    },
    attack: floodBy(
      1,
      () => frameOf(1, () => ({ op: "insert", node: { type: "row" }, parent: PLACE, after: "first0" })),
      2,
    ),
  },
  {
    name: "flood-nothing",
    title: "20 clients with 500 frames unanswered each that change nothing",
    attack: floodBy(20, () => [{ ops: [], meta: {} }, { ops: [] }], 500),
  },
];
