import { checkpointTimes, DIRTY } from "../large/checkpoint.ts";
import { join } from "../large/client.ts";
import { firstMutations, WAYS } from "../large/cold.ts";
import { fill } from "../large/document.ts";
import { memoryOfLife, type Phase } from "../large/memory.ts";
import type { Bar, Cell, Chart, Section, Table } from "../report/section.ts";
import type { Served } from "../servers/workerd.ts";
import { type Contestant, createNotes, type Scene } from "./scene.ts";

/** What the heap of an isolate may take on the platform, and what that of a document should. MiB, and MB of a bar. */
const HEAP = { platform: 128, bar: 64 };

const TEXT = [
  `durable-grove alone, one life of one server. Nodes have random UUIDs as ids and about 69 characters of attributes; the document is imported,
exported and compared line by line, joined, edited and put to rest.`,
  `**Heap** is what V8 says through the inspector: held after a forced collection, and the peak of samples 100 ms apart. A
peak within one task can't be seen, so V8 is given no more than ${HEAP.platform} MiB, as an isolate has on the platform, in
which it would kill the process if it needed more. **Process** is what no file backs (\`RssAnon\`): SQLite's page cache and
the runtime's buffers as well. **A restart** is kill -9 and a new process, while the files are in the system's cache.
**Hibernation** is the real one, after more than ten seconds of silence; that an object was made anew is checked.`,
];

/** A document that is larger than what an object may hold in memory. */
export async function large({ scale, contestants, note }: Scene): Promise<Section> {
  const ours = contestants.find(({ system }) => system.name === "grove");
  if (!ours || !scale.large) throw new Error("there is nothing large to be measured");
  const { nodes, others, visits, wakeUps } = scale.large;
  const notes = createNotes();
  const { times, phases } = await withServer(ours, async (server) => {
    const urlOf = (size: number) => `${server.url}/documents/of-${size}`;
    for (const size of others) await fill(urlOf(size), size);
    await server.restart();
    const life = await memoryOfLife(server, urlOf(nodes), nodes);
    note(`large: imported, exported, joined and edited ${nodes} nodes`);
    const documents = [...others, nodes].map((size) => ({ nodes: size, url: () => urlOf(size) }));
    await checkpointTimes(documents, visits, notes);
    note("large: checkpoints");
    await firstMutations(server, documents, { visits, wakeUps }, notes);
    note("large: first mutations");
    await server.restart();
    const start = performance.now();
    await (await join(urlOf(nodes), "newcomer")).leave();
    life.times.push(["join after a restart, to the last part", (performance.now() - start) / 1000, "s"]);
    return life;
  });

  const [small = 0] = others;
  const sizes = [...others, nodes];
  const titles = sizes.map((size) => `${size.toLocaleString("en")} nodes`);
  const ratioOf = (way: string) => {
    const [little, much] = [notes.median(`${way}: ${small}`), notes.median(`${way}: ${nodes}`)];
    return little === null || much === null ? null : much / little;
  };
  const cold: Table = {
    title: "First mutation of an object that is not in memory, ms",
    head: ["", ...titles, "ratio"],
    rows: WAYS.map((way) => [way, ...sizes.map((size) => notes.spread(`${way}: ${size}`)), ratioOf(way)]),
  };
  const checkpoints: Table = {
    title: "Checkpoint (`stop` with changed nodes), ms",
    head: ["changed nodes", ...titles],
    rows: DIRTY.map((dirty) => [dirty, ...sizes.map((size) => notes.spread(`checkpoint ${dirty}: ${size}`))]),
  };
  const chart: Chart = {
    id: "checkpoint",
    title: "Checkpoint",
    x: { label: "changed nodes", scale: "log" },
    y: { label: "ms", scale: "log" },
    series: sizes.map((size, index) => ({
      name: titles[index] ?? "",
      points: notes.curve(DIRTY, (dirty) => `checkpoint ${dirty}: ${size}`),
    })),
  };
  const bars = [
    ...WAYS.flatMap((way): Bar[] => {
      const value = ratioOf(way);
      const what = `first mutation, ${nodes.toLocaleString("en")} nodes against ${small.toLocaleString("en")}: ${way}`;
      return value === null ? [] : [{ what, value, unit: "×", bar: 2, at: "most" }];
    }),
    heapBar(phases, nodes),
  ];
  const title = `A document of ${nodes.toLocaleString("en")} nodes`;
  const life: Table = { title: "Times and sizes", head: ["", "", ""], rows: times };
  return {
    id: "large",
    title,
    text: TEXT,
    tables: [life, memoryTable(phases), cold, checkpoints],
    charts: [chart],
    bars,
  };
}

async function withServer<T>({ bundle }: Contestant, work: (server: Served) => Promise<T>) {
  const server = await bundle.serve({ heap: HEAP.platform });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

function heapBar([empty, ...phases]: readonly Phase[], nodes: number): Bar {
  const peak = Math.max(...phases.map((phase) => phase.peak - (empty?.held ?? 0)));
  const what = `heap of an object that serves ${nodes.toLocaleString("en")} nodes, above an empty one, peak`;
  return { what, value: peak, unit: "MB", bar: HEAP.bar, at: "most" };
}

function memoryTable([empty, ...phases]: readonly Phase[]): Table {
  const row = ({ phase, held, peak, process }: Phase): Cell[] => [
    phase,
    held - (empty?.held ?? 0),
    peak - (empty?.held ?? 0),
    process - (empty?.process ?? 0),
  ];
  return {
    title: "Memory, MB, above that of an empty document",
    head: ["", "heap held", "heap peak", "process peak"],
    rows: phases.map(row),
  };
}
