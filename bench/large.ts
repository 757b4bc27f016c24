import { format, printFigures, printTable, verdict } from "./figures.ts";
import { type InspectedWorkerd, startInspectedWorkerd } from "./inspected-workerd.ts";
import { checkpointTimes } from "./large-checkpoint.ts";
import { firstMutations } from "./large-cold.ts";
import { type Filling, fill } from "./large-document.ts";
import { memoryOfLife, type Phase } from "./large-memory.ts";

export interface LargeSetup {
  /** Of the large document. */
  readonly nodes: number;
  /** Of those that it is compared with, the smallest first. */
  readonly others: readonly number[];
  /** How often what varies is measured. */
  readonly repetitions: number;
  /** How often objects are waited for to hibernate, which takes 12 s. */
  readonly wakeUps: number;
  readonly filling: Filling;
}

/** What the heap of an isolate may take on the platform, and what that of a document should. MiB. */
const HEAP = { platform: 128, bar: 64 };

/** A large document in a bare workerd with its storage on disk: time and memory in every phase, and against small ones. */
export async function benchLarge(setup: LargeSetup): Promise<void> {
  // Without this an interrupt would end the bench and not the server.
  const interrupted = () => process.exit(130);
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  await withServer(HEAP.platform, (server) => measure(server, setup));
  const { nodes, filling } = setup;
  console.log(`\nthe same again, in a heap that may take ${HEAP.bar} MiB in all, garbage and code included`);
  try {
    const { phases } = await withServer(HEAP.bar, (server) => {
      return memoryOfLife(server, `${server.url}/documents/of-${nodes}`, nodes, filling);
    });
    printMemory(phases);
    console.log("met");
  } catch (error) {
    console.log("NOT MET:", error);
  }
  process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
}

async function withServer<T>(heap: number, work: (server: InspectedWorkerd) => Promise<T>): Promise<T> {
  const server = await startInspectedWorkerd({ heap });
  try {
    return await work(server);
  } finally {
    await server.remove();
  }
}

async function measure(
  server: InspectedWorkerd,
  { nodes, others, repetitions, wakeUps, filling }: LargeSetup,
): Promise<void> {
  const documents = [...others, nodes].map((size) => ({
    nodes: size,
    url: () => `${server.url}/documents/of-${size}`,
  }));
  for (const { nodes: size, url } of documents) {
    if (size < nodes) await fill(url(), size, filling);
  }
  await server.restart();
  const { times, phases } = await memoryOfLife(server, `${server.url}/documents/of-${nodes}`, nodes, filling);
  printFigures(`a document of ${nodes.toLocaleString("en")} nodes`, times);
  printMemory(phases);
  const checkpoints = await checkpointTimes(documents, repetitions);
  printFigures("checkpoint: stop, with 1 000 changed nodes", checkpoints);
  const cold = await firstMutations(server, documents, { repetitions, wakeUps });
  printFigures("first mutation of an object that is not in memory", cold);
}

function printMemory([empty, ...phases]: readonly Phase[]): void {
  if (!empty) return;
  const headings = ["memory, MB, above the empty document", "heap held", "heap peak", "process peak", ""];
  const row = ({ phase, held, peak, process }: Phase, below: Pick<Phase, "held" | "process">, note: string) => [
    phase,
    ...[held - below.held, peak - below.held, process - below.process].map(format),
    note,
  ];
  printTable(headings, [
    row(empty, { held: 0, process: 0 }, "in all"),
    ...phases.map((phase) => row(phase, empty, verdict(phase.peak - empty.held, HEAP.bar))),
  ]);
}
