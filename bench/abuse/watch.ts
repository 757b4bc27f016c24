import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { memoryOf } from "../../test/e2e/workerd-process.ts";
import type { Served } from "../servers/workerd.ts";

/** What a server took while it was watched. */
export interface Use {
  /** The most that V8 had on its heap, garbage among it, in MB; null: it did not answer. */
  readonly heap: number | null;
  /** The most anonymous memory of the process, in MB. */
  readonly process: number;
  /** Seconds of processor. */
  readonly cpu: number;
}

export interface Watch {
  stop(): Promise<Use>;
}

const EVERY = 100;
const MB = 1_000_000;
const TICKS = 100;

export function watch(served: Served): Watch {
  let [over, heap, process, last] = [false, 0, 0, 0];
  const { pid } = served;
  const first = cpuOf(pid);
  const lookAtHeap = async () => {
    for (; !over && served.alive; await sleep(2 * EVERY)) heap = Math.max(heap, await heapOf(served));
  };
  const lookAtProcess = async () => {
    for (; !over && served.alive; await sleep(EVERY)) {
      process = Math.max(process, ((await memoryOf(pid)) * 2 ** 20) / MB);
      last = await cpuOf(pid);
    }
  };
  // A process that dies meanwhile answers no more; that is told elsewhere.
  const looking = [lookAtHeap(), lookAtProcess()].map((each) => each.catch(() => null));
  return {
    async stop() {
      over = true;
      // The isolate may be busy for minutes.
      await Promise.race([Promise.all(looking), sleep(1_000)]);
      return { heap: heap === 0 ? null : heap, process, cpu: Math.max(0, last - (await first)) };
    },
  };
}

export async function heapOf(served: Served): Promise<number> {
  const { used, backing } = await (await served.inspect()).heap();
  return (used + backing) / MB;
}

/** Seconds of processor that a process has taken. Linux only. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // Behind its name, which may have anything in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
