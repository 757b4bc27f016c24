import { call, mutate } from "../large/client.ts";
import { exportDigest, fill, updates } from "../large/document.ts";
import { exportInto, processorOf } from "../large/fork.ts";
import { watchMemory } from "../large/memory-watch.ts";
import type { Bar, Cell, Section, Table } from "../report/section.ts";
import { createNotes, type Scene } from "./scene.ts";

/** What the heap may take above that of an empty document, in MB, and how many times faster than an export with an import it is to be. */
const BARS = { heap: 64, ratio: 5 };

const TEXT = [
  `durable-grove alone. A document with random UUIDs as ids, imported, and changed at 5 000 nodes; it is forked, and exported into an import
that a client sends as it comes. Both objects are in one isolate, whose heap is told, above that of an empty document. What
is made is compared line by line. The bar is about the time of the server's processor: the client of an export and import has one of its own.`,
];

/** Another document made of a large one: by a fork, and by what a client can do. */
export async function fork({ scale, contestants, note }: Scene): Promise<Section> {
  const ours = contestants.find(({ system }) => system.name === "grove");
  if (!ours) throw new Error("there is nothing to be forked");
  const { nodes } = scale.fork;
  const notes = createNotes();
  const server = await ours.bundle.serve({ heap: 128 });
  try {
    const urlOf = (id: string) => `${server.url}/documents/${id}`;
    const empty = await watchMemory(server, () => call(urlOf("empty"), "PUT", {}));
    await fill(urlOf("source"), nodes);
    await mutate(urlOf("source"), updates(nodes, Math.min(5_000, nodes / 2), 1));
    await exportDigest(urlOf("source"));
    const rows: Cell[][] = [];
    let peak = 0;
    const measure = async (what: string, work: () => Promise<unknown>) => {
      const before = processorOf(server.pid);
      const { seconds, memory } = await watchMemory(server, work);
      const processor = processorOf(server.pid) - before;
      const heap = memory.peak - empty.memory.held;
      rows.push([what, seconds, processor, heap]);
      note(`fork: ${what}, ${seconds.toFixed(1)} s, processor ${processor.toFixed(1)} s, heap ${heap.toFixed(0)} MB`);
      notes.add(what, processor);
      return heap;
    };
    const forkTo = (to: string, more: object = {}) => call(`${urlOf("source")}/fork`, "POST", { to, ...more });
    peak = Math.max(peak, await measure("fork", () => forkTo("forked")));
    await measure("export and import", () => exportInto(urlOf("source"), urlOf("copied")));
    peak = Math.max(peak, await measure("fork with the history", () => forkTo("twin", { history: true })));
    await measure("fork of the moment before", () => forkTo("before", { at: 0 }));
    const [one, two] = [await exportDigest(urlOf("forked")), await exportDigest(urlOf("copied"))];
    if (one.hex !== two.hex || one.lines !== nodes) throw new Error("the fork is not what was exported");
    const ratio = (notes.median("export and import") ?? 0) / (notes.median("fork") ?? 1);
    const of = `of ${nodes.toLocaleString("en")} nodes`;
    const bars: Bar[] = [
      {
        what: `heap of a fork ${of}, above an empty document, peak`,
        value: peak,
        unit: "MB",
        bar: BARS.heap,
        at: "most",
      },
      {
        what: `fork ${of} against an export and import, processor`,
        value: ratio,
        unit: "×",
        bar: BARS.ratio,
        at: "least",
      },
    ];
    const table: Table = { title: "Another document", head: ["", "s", "processor, s", "heap peak, MB"], rows };
    return { id: "fork", title: `A fork ${of}`, text: TEXT, tables: [table], charts: [], bars };
  } finally {
    await server.stop();
  }
}
