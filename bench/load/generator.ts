import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "./listen.ts";
import type { Load } from "./load.ts";
import { probe } from "./probe.ts";
import type { Protocol } from "./protocol.ts";
import type { Order, Report, Result, Task } from "./tasks.ts";
import { type } from "./type.ts";
import { write } from "./write.ts";

// A load process: one task, then its end. What it counts, it counts between two moments that all processes share.

const next = () => new Promise<Order>((resolve) => process.once("message", resolve));
const report = (what: Report) => process.send?.(what);

process.on("disconnect", () => process.exit(1));
try {
  const begin = await next();
  if (begin.order !== "begin") throw new Error(`${begin.order} before begin`);
  const load = await start(begin.task);
  report({ step: "ready" });
  const run = await next();
  if (run.order !== "run") throw new Error(`${run.order} before run`);
  const counted = count(load, run.from, run.to);
  const outcome = await load.run(run.from, run.to);
  const result = { ...(await counted), acknowledgeMs: outcome.acknowledgeMs, seenMs: outcome.seenMs };
  report({ step: "written", total: outcome.total, result });
  const finish = await next();
  if (finish.order !== "finish") throw new Error(`${finish.order} before finish`);
  await load.finish(finish.written);
  report({ step: "done", result });
} catch (error) {
  report({ step: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

async function start(task: Task): Promise<Load> {
  const { protocol }: { protocol: Protocol } = await import(task.protocol);
  switch (task.task) {
    case "write":
      return write(protocol, task);
    case "type":
      return type(protocol, task);
    case "listen":
      return listen(protocol, task);
    case "probe":
      return probe(protocol, task);
  }
}

async function count(load: Load, from: number, to: number): Promise<Omit<Result, "acknowledgeMs" | "seenMs">> {
  await sleep(from - Date.now());
  const [before, cpuBefore, start] = [load.count(), process.cpuUsage(), performance.now()];
  await sleep(to - Date.now());
  const [after, cpu, milliseconds] = [load.count(), process.cpuUsage(cpuBefore), performance.now() - start];
  // A process that is busy comes late to its own measurement: what it counted is scaled to the time that was meant.
  const scale = (to - from) / milliseconds;
  return {
    acknowledged: (after.acknowledged - before.acknowledged) * scale,
    delivered: (after.delivered - before.delivered) * scale,
    framesReceived: (after.framesReceived - before.framesReceived) * scale,
    bytesReceived: (after.bytesReceived - before.bytesReceived) * scale,
    framesSent: (after.framesSent - before.framesSent) * scale,
    cpu: (cpu.user + cpu.system) / 1000 / milliseconds,
  };
}
