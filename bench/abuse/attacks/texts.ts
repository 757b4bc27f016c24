import type { Operation } from "../../../src/tree/index.ts";
import type { Line } from "../../before/documents.ts";
import { LARGE, many } from "../document.ts";
import { type Attack, PLACE } from "../kinds.ts";
import type { Rude } from "../rude.ts";
import type { RudeOptions } from "../rude-client.ts";
import { persist } from "./persist.ts";

// What may be done to texts, and with what nobody has seen of it.

const edit = (id: string, changes: (number | string)[]): Operation => ({ op: "edit", id, attr: "text", changes });
const join = (id: string, into: string): Operation => ({ op: "join", id, into, attr: "text" });
const split = (id: string, at: number, node: string, head?: true): Operation => ({
  ...{ op: "split", id, attr: "text", at, head },
  node: { id: node, type: "row" },
});

/** One row with a text so long. */
const row = (length: number) => () => [{ id: "n0", type: "row", parent: PLACE, attrs: { text: "x".repeat(length) } }];

/** A change of many places: so many units are kept between two. */
const everywhere = (count: number, kept = 1): (number | string)[] =>
  Array.from({ length: count }, (_, at) => (at % 2 ? "x" : kept));

/** Splits of the head, and joins of what is left. Behind `along` what `back` does is three times as much each time. */
const SPLITS = 40;
const back = (name: string): Operation[] =>
  Array.from({ length: SPLITS }, (_, index) => `${name}${index}`).flatMap((id) => [
    split("n0", 3, id, true),
    join(id, "n0"),
  ]);
const along = (name: string): Operation[] =>
  Array.from({ length: SPLITS }, (_, index) => [index > 0 ? `${name}${index - 1}` : "n0", `${name}${index}`]).flatMap(
    ([from = "", id = ""]) => [split(from, 2, id, true), join(from, id)],
  );

/** So many keystrokes that somebody else has missed. */
const MISSED = 50_000;
const YEARS = { lines: () => many(1, 1), prepare: (rude: Rude) => type(rude, MISSED) };

async function type(rude: Rude, count: number): Promise<void> {
  const by = await rude.join("typist");
  for (let typed = 0; typed < count && !rude.over; typed += 256) {
    const changes = Array.from({ length: 256 }, (_, index) => ({ ops: [edit("n0", [typed + index, "x"])] }));
    await rude.commit(by, changes);
  }
  by.close();
}

/** A keystroke whose author has seen nothing. */
async function late(rude: Rude, client: string, options?: RudeOptions): Promise<void> {
  const by = await rude.join(client, options);
  await rude.commit(by, [{ base: 0, ops: [edit("n0", [0, "y"])] }]);
  by.close();
}

/** So many at once, each again and again. */
async function crowd(rude: Rude, count: number, one: (name: string) => Promise<void>): Promise<void> {
  const again = async (who: number) => {
    for (let round = 0; !rude.over; round++) await one(`${who}-${round}`);
  };
  await Promise.all(Array.from({ length: count }, (_, who) => again(who)));
}

/** What one client did in its mutations from `first` on, taken back or done again. */
const undo = (op: "undo" | "redo", first: number, count: number): Operation => ({
  op,
  mutations: Array.from({ length: count }, (_, index) => first + index),
});

/** So many marks with such a value; two units to each. */
const marked = (count: number, value: string | boolean) => ({
  lines: row(4_000),
  async prepare(rude: Rude) {
    const by = await rude.join("marker");
    const marks = Array.from({ length: count }, (_, index) => [2 * index, 2 * index + 1, "bold", value]);
    await rude.commit(by, [{ ops: [{ op: "update", id: "n0", attrs: { "text:marks": marks } }] }]);
    by.close();
  },
});

/** A text so long, among so many nodes that to send what was missed is less. */
function* wide(length: number): Generator<Line> {
  yield* many(1, length);
  yield* many(MISSED + 10_000, 1, PLACE, "other");
}

/** A hundred who were there at the beginning. */
async function comeBack(rude: Rude): Promise<void> {
  const held = { ...(await rude.held()), seq: 0 };
  const { seq } = await rude.held();
  await crowd(rude, 100, async (name) => {
    const by = await rude.join(`back-${name}`, { held, runs: true });
    await rude.until(() => by.heard >= Number(seq) || by.closed !== null);
    rude.saw("back");
    by.close();
  });
}

export const texts: readonly Attack[] = [
  {
    name: "edits-everywhere",
    title: "edits of 10 000 changes each in a text of 1 MB",
    lines: row(LARGE / 2),
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
    ...YEARS,
    attack: (rude) => crowd(rude, 1, (name) => late(rude, `late-${name}`)),
  },
  {
    name: "splits-and-joins",
    title: "a row split in 128 and joined again, whose author has seen nothing of it",
    lines: row(1_000),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const rows = Array.from({ length: 128 }, (_, index) => `${by.client}-${by.answers}-${index}`);
        const splits = rows.map((id) => split("n0", 500, id));
        const joins = rows.map((id) => join(id, "n0"));
        for (const ops of [splits, joins]) await rude.commit(by, [{ base: 0, ops }]);
      }),
  },
  {
    name: "crowd-of-long-ago",
    title: `60 such authors at once`,
    ...YEARS,
    async attack(rude) {
      const held = await rude.held();
      await crowd(rude, 60, (name) => late(rude, `crowd-${name}`, { held }));
    },
  },
  {
    name: "http-of-long-ago",
    title: "30 such keystrokes at once over HTTP, by nobody",
    ...YEARS,
    attack: (rude) =>
      crowd(rude, 30, async () => {
        const body = JSON.stringify({ base: 0, ops: [edit("n0", [0, "y"])] });
        rude.saw(String(await rude.ask("POST", "/mutations", body)));
      }),
  },
  {
    name: "runs-of-long-ago",
    title: `100 who take runs come back, again and again, and have missed ${MISSED} keystrokes`,
    lines: () => wide(1),
    prepare: (rude) => type(rude, MISSED),
    attack: (rude) => comeBack(rude),
  },
  {
    name: "runs-of-scattered",
    title: "the same, of 10 000 changes in one edit and 20 000 keystrokes all over the text",
    lines: () => wide(20_000),
    async prepare(rude) {
      const by = await rude.join("typist");
      await rude.commit(by, [{ ops: [edit("n0", everywhere(10_000))] }]);
      for (let typed = 0; typed < 20_000 && !rude.over; typed += 250) {
        const places = Array.from({ length: 250 }, (_, index) => ((typed + index) * 7_919) % 20_000);
        await rude.commit(
          by,
          places.map((at) => ({ ops: [edit("n0", [at + 1, "y"])] })),
        );
      }
      by.close();
    },
    attack: (rude) => comeBack(rude),
  },
  {
    name: "splits-multiply",
    title: `${SPLITS} splits and joins of one row, whose author has not seen ${SPLITS} others that multiply them`,
    lines: row(100),
    async prepare(rude) {
      const by = await rude.join("first");
      await rude.commit(by, [{ ops: back("o") }]);
      by.close();
    },
    attack: (rude) =>
      crowd(rude, 1, async (name) => {
        const by = await rude.join(`late-${name}`);
        await rude.commit(by, [{ base: 1, ops: along(`m${name}-`) }]);
        by.close();
      }),
  },
  {
    name: "splits-undone",
    title: `${SPLITS} splits and joins of one row undone and done again, behind ${SPLITS} others`,
    lines: row(100),
    async prepare(rude) {
      for (const [client, ops] of [
        ["first", back("o")],
        ["other", along("m")],
      ] as const) {
        const by = await rude.join(client);
        await rude.commit(by, [{ ops }]);
        by.close();
      }
    },
    attack: (rude) =>
      persist(rude, "first", async (by) => {
        await rude.commit(by, [{ ops: [undo("undo", 1, 1)] }]);
        await rude.commit(by, [{ ops: [undo("redo", 1, 1)] }]);
      }),
  },
  {
    name: "edits-everywhere-unseen",
    title: "20 edits of 10 000 changes in one mutation, whose author has not seen 30 such",
    lines: row(LARGE / 2),
    async prepare(rude) {
      const by = await rude.join("typist");
      for (let count = 0; count < 30; count++) await rude.commit(by, [{ ops: [edit("n0", everywhere(10_000, 3))] }]);
      by.close();
    },
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        await rude.commit(by, [{ base: 0, ops: Array.from({ length: 20 }, () => edit("n0", everywhere(10_000))) }]);
        await rude.commit(by, [{ ops: [edit("n0", [1, -200_000])] }]);
      }),
  },
  {
    name: "keys-in-a-large-text",
    title: "keystrokes in a text of 1 MB, 64 a frame",
    lines: row(LARGE),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const keys = Array.from({ length: 64 }, (_, index) => ({ ops: [edit("n0", [500_000 + index, 0, "z"])] }));
        await rude.commit(by, keys);
        await rude.commit(by, [{ ops: [edit("n0", [500_000, -64])] }]);
      }),
  },
  {
    name: "keys-undone",
    title: "10 000 keystrokes undone, 1 000 at a time, and done again",
    lines: () => many(1, 1),
    prepare: (rude) => type(rude, 10_000),
    attack: (rude) =>
      persist(rude, "typist", async (by) => {
        for (let first = 9_001; first > 0; first -= 1_000)
          await rude.commit(by, [{ ops: [undo("undo", first, 1_000)] }]);
        for (let first = 1; first < 10_000; first += 1_000)
          await rude.commit(by, [{ ops: [undo("redo", first, 1_000)] }]);
      }),
  },
  {
    name: "joins-of-children",
    title: "a row with 2 000 children joined to a new one, back and forth",
    *lines() {
      yield { id: "n0", type: "row", parent: PLACE, attrs: { text: "xx" } };
      yield* many(2_000, 0, "n0", "child");
    },
    async attack(rude) {
      let last = "n0";
      await persist(rude, "rude", async (by) => {
        const next = `${by.client}-${by.seq}-${by.answers}`;
        await rude.commit(by, [{ ops: [split(last, 1, next, true), join(last, next)] }]);
        last = next;
      });
    },
  },
  {
    name: "marks-everywhere",
    title: "keystrokes in front of 2 000 marks, 256 a frame",
    ...marked(2_000, true),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        const keys = Array.from({ length: 256 }, () => ({ ops: [edit("n0", ["y"])] }));
        await rude.commit(by, keys);
        await rude.commit(by, [{ ops: [edit("n0", [-256])] }]);
      }),
  },
  {
    name: "marks-large",
    title: "keystrokes in front of 900 marks with a value of 1 KB each, 256 a frame",
    ...marked(900, "v".repeat(1_000)),
    attack: (rude) =>
      persist(rude, "rude", async (by) => {
        await rude.commit(
          by,
          Array.from({ length: 256 }, () => ({ ops: [edit("n0", ["y"])] })),
        );
        await rude.commit(by, [{ ops: [edit("n0", [-256])] }]);
      }),
  },
  {
    name: "marks-storm",
    title: "a mark on all of a text with 1 999 others, set and taken away, 256 operations a mutation, by 5 clients",
    ...marked(1_999, true),
    attack: (rude) =>
      Promise.all(
        Array.from({ length: 5 }, (_, who) =>
          persist(rude, `rude-${who}`, async (by) => {
            const ops = Array.from(
              { length: 256 },
              (_each, index): Operation => ({
                ...{ op: "mark", id: "n0", attr: "text", from: 0, to: 4_000 },
                ...{ key: `storm${who}`, value: index % 2 ? null : index },
              }),
            );
            await rude.commit(by, [{ ops }]);
          }),
        ),
      ).then(() => {}),
  },
];
