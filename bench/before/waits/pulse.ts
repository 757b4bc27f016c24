import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "../../load/connection.ts";
import type { Protocol } from "../../load/protocol.ts";
import { mutationFrame } from "../author.ts";
import type { PulseOrder, PulseReport, PulseTask } from "./pulse-process.ts";

// The other client's process: an update of one node at a fixed pace, whether the ones before were answered or not.

const PATIENCE = 60_000;

/** When each update was sent, and when it was answered; times are those of performance.now(). */
const updates: { readonly sent: number; answered: number | null }[] = [];
let [answered, beating] = [0, true];
let failure: string | null = null;

const report = (what: PulseReport) => process.send?.(what);
process.on("disconnect", () => process.exit());
process.on("message", (order: PulseOrder) => {
  if (order.order === "begin") start(order.task).catch(failed);
  else finish(order.from, order.to).catch(failed);
});

async function start({ protocol: file, client, node, everyMs, held, ...address }: PulseTask): Promise<void> {
  const { protocol }: { protocol: Protocol } = await import(file);
  const connection = await connect(protocol, address, client, {
    held,
    onFrame({ acknowledged }) {
      for (let index = 0; index < acknowledged; index++) {
        const update = updates[answered++];
        if (update) update.answered = performance.now();
      }
    },
    onFailure: failed,
  });
  report({ step: "ready" });
  beat(connection, { client, node, everyMs });
}

type Rhythm = Pick<PulseTask, "client" | "node" | "everyMs">;

async function beat(connection: Connection, { client, node, everyMs }: Rhythm): Promise<void> {
  const begin = performance.now();
  for (let count = 1; beating && failure === null; count++) {
    const frame = mutationFrame(count, [{ op: "update", id: node, attrs: { beat: `${client} ${count}` } }]);
    updates.push({ sent: performance.now(), answered: null });
    connection.send(frame);
    await sleep(Math.max(0, begin + count * everyMs - performance.now()));
  }
}

/** Says what the longest wait was of all updates that were on their way between two moments. */
async function finish(from: number, to: number): Promise<void> {
  beating = false;
  const last = performance.now() + PATIENCE;
  while (answered < updates.length && performance.now() < last && failure === null) await sleep(5);
  const now = performance.now();
  const waits = updates
    .map(({ sent, answered }) => ({ from: sent, to: answered ?? now }))
    .filter((wait) => performance.timeOrigin + wait.to >= from && performance.timeOrigin + wait.from <= to)
    .map((wait) => wait.to - wait.from);
  report(failure === null ? { step: "done", longest: Math.max(0, ...waits), waits: waits.length } : broken(failure));
}

function failed(error: unknown): void {
  failure = error instanceof Error ? error.message : String(error);
  report(broken(failure));
}

function broken(message: string): PulseReport {
  return { step: "failed", message };
}
