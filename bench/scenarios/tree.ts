import { core } from "../before/core.ts";
import { deepMoves } from "../before/deep-moves.ts";
import type { Part } from "../before/part.ts";
import { reading } from "../before/reading.ts";
import { removals } from "../before/removals.ts";
import { openSides, type Sides } from "../before/sides.ts";
import { waits } from "../before/waits/report.ts";
import type { Section } from "../report/section.ts";
import { large } from "./large.ts";
import type { Scene } from "./scene.ts";

/** The large document as it is measured here, where its own scenario is not run. */
const LARGE = { others: 1, visits: 3, wakeUps: 0 };

const TEXT = [
  `The same code twice: as it is **now**, and as it was **before** a branch could be removed by its top alone, taken from its
commit and built in this run, on the same workerd, with the same packages. In turns, but for the longest waits.`,
  `**A branch** is removed and restored (a move) over the socket, from sending to the answer to its author, who holds no tree
and parses nothing; another client has been connected all along. Rows are the document's own count from before the
mutation until its checkpoint is written. Nodes have random UUIDs and about 69 characters of attributes. **Reading** ends
with the last byte. **Cold** is the first request for a document after the process was killed and started again; it has
served another document by then, so that what is measured is not the compiler. **Deep** moves are over HTTP; what one takes
more than a move to the root is reckoned within each visit.`,
  `**The tree core** stands beside itself and LoroTree as in its own section, with fewer rounds: at the end all have the same
tree. How many times as fast it is now was measured apart: both build trees in turns, a few at a time, in several processes
one after the other; what is reckoned is the process's time on any core, its collector's included, which tells the same on
a busy machine; the figure is the median of all turns.`,
  `**The longest wait** is of a client, in a process of its own, who sends an update every 5 ms over a socket of its own,
whether the ones before were answered or not, from just before another client begins until just after it has ended; the
checkpoints that fall into it count. V8 is given 128 MiB, as an isolate has on the platform. In brackets the least and the
most of all rounds. A word instead of a time is how it was refused; the code before is given a minute for each.`,
];

/** What the tree's second storey is to bring, beside the code before it. */
export async function tree(scene: Scene): Promise<Section> {
  const ours = scene.contestants.find(({ system }) => system.name === "grove");
  if (!ours) throw new Error("there is nothing of ours to be measured");
  const sides = await openSides(ours);
  const parts: Part[] = [];
  try {
    for await (const part of partsOf(scene, sides)) parts.push(part);
  } finally {
    await sides.remove();
  }
  const { checkout } = sides;
  return {
    id: "tree",
    title: "Beside the code before",
    text: typeof checkout === "string" ? [...TEXT, `The code before is left out: ${checkout}.`] : TEXT,
    tables: parts.flatMap(({ tables }) => tables),
    charts: [],
    bars: parts.flatMap(({ bars }) => bars),
  };
}

async function* partsOf(scene: Scene, { all, checkout }: Sides): AsyncGenerator<Part> {
  const { note, wanted } = scene;
  const { branch, reading: read, deep, core: sizes, waits: meanwhile } = scene.scale.before;
  yield await removals(all, branch);
  note("tree: a branch removed and restored");
  yield await reading(all, read);
  note("tree: read");
  yield await deepMoves(all, deep);
  note("tree: deep moves");
  yield await core(typeof checkout === "string" ? null : checkout, sizes, note);
  yield await waits(all, meanwhile, note);
  if (scene.scale.large && !wanted.includes("large")) yield await largePart(scene);
}

async function largePart(scene: Scene): Promise<Part> {
  const { scale } = scene;
  if (!scale.large) return { tables: [], bars: [] };
  const { others, visits, wakeUps } = LARGE;
  const less = { nodes: scale.large.nodes, others: scale.large.others.slice(0, others), visits, wakeUps };
  const { title, tables, bars } = await large({ ...scene, scale: { ...scale, large: less } });
  return { tables: tables.map((table) => ({ ...table, title: `${title}: ${table.title}` })), bars };
}
