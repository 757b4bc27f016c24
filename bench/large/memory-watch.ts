import { setTimeout as sleep } from "node:timers/promises";
import { memoryOf } from "../../test/e2e/workerd-process.ts";
import type { Served } from "../servers/workerd.ts";

/** What memory did during a phase, in MB of a million bytes; the heap is the isolate's, with the buffers that belong to it. */
export interface MemoryUse {
  /** The most that was seen, uncollected garbage among it. */
  readonly peak: number;
  /** At the end, after a collection: what is really held. */
  readonly held: number;
  /** The most anonymous memory of the process: heap, SQLite's caches, what waits in sockets. */
  readonly process: number;
}

const EVERY = 100;
const MB = 1_000_000;

/** Runs a phase and looks at the memory meanwhile. */
export async function watchMemory<T>(
  server: Served,
  phase: () => Promise<T>,
): Promise<{ value: T; seconds: number; memory: MemoryUse }> {
  let over = false;
  let peak = 0;
  let process = 0;
  const look = async () => {
    peak = Math.max(peak, await heapOf(server));
    process = Math.max(process, ((await memoryOf(server.pid)) * 1024 * 1024) / MB);
  };
  const watching = (async () => {
    for (; !over; await sleep(EVERY)) await look();
  })();
  // The phase may fail first; then that is what is to be told.
  watching.catch(() => {});
  try {
    const start = performance.now();
    const value = await phase();
    const seconds = (performance.now() - start) / 1000;
    await look();
    over = true;
    await watching;
    await server.collectGarbage();
    return { value, seconds, memory: { peak, process, held: await heapOf(server) } };
  } finally {
    over = true;
  }
}

async function heapOf(server: Served): Promise<number> {
  const { used, backing } = await (await server.inspect()).heap();
  return (used + backing) / MB;
}
