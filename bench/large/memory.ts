import type { Cell } from "../report/section.ts";
import type { Served } from "../servers/workerd.ts";
import { call, join, mutate } from "./client.ts";
import { exportDigest, fill, updates } from "./document.ts";
import { type MemoryUse, watchMemory } from "./memory-watch.ts";

/** A phase in the life of a document. */
export interface Phase extends MemoryUse {
  readonly phase: string;
}

const MUTATIONS = 2_000;

/**
 * Takes a document of `nodes` nodes through its life in one process, and looks at the memory in each phase. The first
 * one is an empty document in the same process: what the others are to be compared with.
 */
export async function memoryOfLife(server: Served, url: string, nodes: number) {
  const phases: Phase[] = [];
  const times: Cell[][] = [];
  const run = async <T>(phase: string, work: () => Promise<T>): Promise<T> => {
    const { value, seconds, memory } = await watchMemory(server, work);
    phases.push({ phase, ...memory });
    times.push([phase, seconds, "s"]);
    return value;
  };

  await run("empty document", () => serveEmpty(`${server.url}/documents/empty`));
  const filled = await run("import", () => fill(url, nodes));
  const exported = await run("export", () => exportDigest(url));
  if (exported.hex !== filled) throw new Error(`the export, ${exported.lines} lines, is not what was imported`);
  times.push(["export, size", exported.bytes / 1e6, "MB"], ["export, lines as imported", exported.lines, ""]);
  const reader = await run("join, to the last part", () => join(url, "reader"));
  if (reader.rows !== nodes) throw new Error(`the snapshot has ${reader.rows} rows`);
  times.push(["join, size", reader.bytes / 1e6, "MB"]);
  await run(`${MUTATIONS} mutations, one by one`, async () => {
    for (const operation of updates(nodes, Math.min(MUTATIONS, nodes / 2), 0)) await reader.mutate([operation]);
  });
  // The most that a document holds in memory: changed nodes up to the bound that makes a checkpoint, caches full.
  await run("20 mutations of 5000 nodes each", async () => {
    for (let round = 1; round <= 20; round++) await mutate(url, updates(nodes, Math.min(5_000, nodes / 2), round));
  });
  await reader.leave();
  await run("stop with its checkpoint", () => call(`${url}/stop`, "POST"));
  return { times, phases };
}

async function serveEmpty(url: string): Promise<void> {
  await call(url, "PUT", {});
  const reader = await join(url, "reader");
  await reader.mutate([{ op: "update", id: "root", attrs: { text: "hello" } }]);
  await reader.leave();
}
