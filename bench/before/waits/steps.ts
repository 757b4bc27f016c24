import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../../src/tree/index.ts";
import type { Actor } from "./actor.ts";
import { deepIn, inThirty, lastOf } from "./layout.ts";
import { PAST, pastMutation } from "./past.ts";

/** Something that one client does while another one waits. */
export interface Step {
  readonly title: string;
  /** It is left out where the step of this title was refused. */
  readonly after?: string;
  /** In the first round alone, as it takes long. */
  readonly once?: boolean;
  /** A no that is an answer like any other. */
  readonly mayBe?: string;
  /** What has to be done before, while nobody waits; gives what `work` needs to know. */
  readonly prepare?: (actor: Actor) => Promise<number>;
  /** The code of a no, or null. */
  readonly work: (actor: Actor, prepared: number) => Promise<string | null>;
  /** Makes the document as it was, while nobody waits. */
  readonly undo?: (actor: Actor) => Promise<unknown>;
}

/** What the machine and the clients themselves hold up. */
export const NOTHING = "nothing";
const REMOVE = "remove of half of the document";
/** How often that is done which takes next to nothing. */
const TIMES = 20;
/** Lists of rows that are inserted at once: 10 000 nodes. */
const [LISTS, ROWS] = [100, 99];
/** What others put into a branch that is removed by someone who has not seen it. */
const UNSEEN = 100;
/** As much of it as is looked for; more is answered with `unseen`. */
const MOST_UNSEEN = 2_000;
/** As many operations as a mutation may have. */
const MANY = 10_000;
const PAIRS = MANY / 2;

const remove: Operation[] = [{ op: "remove", id: "half" }];
const putBack: Operation[] = [{ op: "move", id: "half", parent: "root", after: null }];

export const STEPS: readonly Step[] = [
  {
    title: NOTHING,
    work: async () => {
      await sleep(1_000);
      return null;
    },
  },
  {
    title: `insert of a node, ${TIMES} times`,
    work: (actor) => several((index) => actor.edit([insert(newId(actor, index), deepIn(actor.nodes))])),
  },
  {
    title: `insert of ${(LISTS * (ROWS + 1)).toLocaleString("en")} nested nodes`,
    work: (actor) => actor.edit([nested(newId(actor, TIMES))]),
  },
  {
    title: `move of a node, ${TIMES} times`,
    work: (actor) =>
      several((index) =>
        actor.edit([move(lastOf(actor.nodes), index % 2 ? inThirty(actor.nodes, index) : deepIn(actor.nodes))]),
      ),
  },
  {
    title: "move of half of the document",
    work: (actor) => actor.edit([move("half", "spare")]),
    undo: (actor) => actor.edit(putBack),
  },
  {
    title: `update of a node, ${TIMES} times`,
    work: (actor) => several((index) => actor.edit([update(deepIn(actor.nodes), newId(actor, index))])),
  },
  { title: REMOVE, work: (actor) => actor.edit(remove) },
  {
    title: `insert into what was removed, ${TIMES} times`,
    after: REMOVE,
    work: (actor) =>
      several((index) =>
        actor.edit([insert(newId(actor, TIMES + 1 + index), deepIn(actor.nodes))], { receipt: "redirected" }),
      ),
  },
  { title: "restore of half of the document", after: REMOVE, work: (actor) => actor.edit(putBack) },
  {
    title: "undo of a remove of half of the document",
    mayBe: "invalid",
    prepare: async (actor) => {
      await actor.edit(remove);
      return actor.seq();
    },
    work: (actor, seq) => actor.edit([{ op: "undo", seqs: [seq] }]),
    undo: (actor) => actor.edit(putBack),
  },
  {
    title: "undo of the first event of the history",
    mayBe: "invalid",
    work: (actor) => actor.edit([{ op: "undo", seqs: [1] }]),
  },
  {
    title: `undo of an update, ${TIMES} times`,
    mayBe: "invalid",
    prepare: async (actor) => {
      for (let index = 0; index < TIMES; index++) {
        await actor.edit([update(inThirty(actor.nodes, index), `undone ${actor.name}`)]);
      }
      return actor.seq();
    },
    work: (actor, seq) => several((index) => actor.edit([{ op: "undo", seqs: [seq - index] }])),
  },
  ...["inserts", "moves"].map(
    (what): Step => ({
      title: `undo of ${MANY.toLocaleString("en")} ${what} at once`,
      mayBe: "invalid",
      prepare: async (actor) => {
        await actor.post("/mutations", { ops: manyInserts(actor, `undone-${what}`, "spare") });
        if (what === "moves") await actor.post("/mutations", { ops: manyMoves(actor, `undone-${what}`, "other") });
        return actor.seq();
      },
      work: (actor, seq) => actor.edit([{ op: "undo", seqs: [seq] }]),
    }),
  ),
  {
    title: `remove of half of the document, ${UNSEEN} inserts in it unseen`,
    prepare: async (actor) => {
      const base = await actor.seq();
      for (let index = 0; index < UNSEEN; index++) {
        const ops = [insert(newId(actor, 2 * TIMES + 1 + index), deepIn(actor.nodes))];
        await actor.post("/mutations", { ops });
      }
      return base;
    },
    work: (actor, base) => actor.edit(remove, { base, receipt: "rescued" }),
    undo: (actor) => actor.edit(putBack),
  },
  {
    title: `remove of half of the document, ${MOST_UNSEEN.toLocaleString("en")} inserts in it unseen`,
    once: true,
    prepare: async (actor) => {
      const base = await actor.seq();
      await actor.post("/mutations", { ops: manyInserts(actor, "some", deepIn(actor.nodes), MOST_UNSEEN) });
      return base;
    },
    work: (actor, base) => actor.edit(remove, { base, receipt: "rescued" }),
    undo: (actor) => actor.edit(putBack),
  },
  {
    title: `remove of half of the document, ${MANY.toLocaleString("en")} inserts in it unseen`,
    once: true,
    mayBe: "unseen",
    prepare: async (actor) => {
      const base = await actor.seq();
      await actor.post("/mutations", { ops: manyInserts(actor, "deep", deepIn(actor.nodes)) });
      return base;
    },
    work: (actor, base) => actor.edit(remove, { base, receipt: "rescued" }),
    undo: (actor) => actor.edit(putBack),
  },
  {
    title: `remove of ${PAIRS.toLocaleString("en")} branches at once, ${MANY.toLocaleString("en")} inserts elsewhere unseen`,
    once: true,
    prepare: async (actor) => {
      const pairs = Array.from({ length: PAIRS }, (_, index) => pair(actor, index));
      await actor.post("/mutations", { ops: pairs });
      const base = await actor.seq();
      await actor.post("/mutations", { ops: manyInserts(actor, "else", "spare") });
      return base;
    },
    work: (actor, base) => {
      const removals = Array.from(
        { length: PAIRS },
        (_, index) => ({ op: "remove", id: pairId(actor, index) }) as const,
      );
      return actor.edit(removals, { base });
    },
  },
  {
    title: "remove of half of the document, all of its history unseen",
    mayBe: "unseen",
    work: (actor) => actor.edit(remove, { base: 0 }),
    undo: (actor) => actor.edit(putBack),
  },
  { title: "GET tree, the 30 000", work: (actor) => actor.read("/tree?node=thirty") },
  { title: "GET tree, as much as is given out", work: (actor) => actor.read("/tree?node=most") },
  { title: "GET tree, the 30 000 as they were at first", work: (actor) => actor.read("/tree?node=thirty&at=10") },
  { title: "history of a node, all pages", work: (actor) => actor.history(`node=${inThirty(actor.nodes, 7)}`) },
  { title: "history by meta, all pages", work: (actor) => actor.history("where[meta.batch]=7&limit=100") },
  { title: "history by a client who was never there", work: (actor) => actor.history("where[client]=nobody") },
  { title: "export", once: true, work: (actor) => actor.read("/export") },
  {
    title: `an old counter sent again, ${TIMES} times`,
    work: (actor) =>
      several((index) => {
        return actor.post("/mutations", { client: PAST.client, ...pastMutation(actor.nodes, 1 + index) });
      }),
  },
];

/** One after the other; the first no is the answer. */
async function several(work: (index: number) => Promise<string | null>): Promise<string | null> {
  for (let index = 0; index < TIMES; index++) {
    const refused = await work(index);
    if (refused !== null) return refused;
  }
  return null;
}

function newId(actor: Actor, index: number): string {
  return `${actor.name}-${index}`;
}

function insert(id: string, parent: string): Operation {
  return { op: "insert", node: { id, type: "row", attrs: { text: `node ${id}` } }, parent };
}

function manyInserts(actor: Actor, what: string, parent: string, count = MANY): Operation[] {
  return Array.from({ length: count }, (_, index) => insert(`${actor.name}-${what}-${index}`, parent));
}

function manyMoves(actor: Actor, what: string, parent: string): Operation[] {
  return Array.from({ length: MANY }, (_, index) => move(`${actor.name}-${what}-${index}`, parent));
}

function pairId(actor: Actor, index: number): string {
  return `${actor.name}-pair-${index}`;
}

function pair(actor: Actor, index: number): Operation {
  const node = { id: pairId(actor, index), type: "page", children: [{ type: "row" }] };
  return { op: "insert", node, parent: "spare" };
}

function nested(id: string): Operation {
  const rows = Array.from({ length: ROWS }, (_, index) => ({ type: "row", attrs: { text: `row ${index}` } }));
  const lists = Array.from({ length: LISTS - 1 }, () => ({ type: "page", children: rows }));
  return { op: "insert", node: { id, type: "page", children: [...lists, ...rows] }, parent: "spare" };
}

function move(id: string, parent: string): Operation {
  return { op: "move", id, parent, after: null };
}

function update(id: string, text: string): Operation {
  return { op: "update", id, attrs: { text } };
}
