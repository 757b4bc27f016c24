import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Order, Report, Result, Task } from "./tasks.ts";

/** How long a load runs before it counts, and how long it counts. Milliseconds. */
export interface Times {
  readonly warmUp: number;
  readonly measured: number;
}

export interface LoadResult {
  /** Mutations that were made and acknowledged from the beginning to the end, warming up included. */
  readonly total: number;
  /** What each load process counted while it was measured, in the order of the tasks. */
  readonly results: readonly Result[];
}

const GENERATOR = fileURLToPath(new URL("generator.ts", import.meta.url));
const PATIENCE = 120_000;

/**
 * Runs load processes side by side on one document, and gives what each of them counted in the same stretch of time.
 * Fails when one of them does, and when a subscriber has not heard of every mutation once.
 */
export async function runLoad(tasks: readonly Task[], { warmUp, measured }: Times): Promise<LoadResult> {
  const children = tasks.map(() => fork(GENERATOR, { serialization: "advanced", stdio: "inherit" }));
  try {
    // One after the other, as those who join first must not hear of what is written before the others have joined.
    for (const [index, child] of children.entries()) {
      const task = tasks[index];
      if (task) await ask(child, { order: "begin", task });
    }
    const from = Date.now() + warmUp + 100;
    const written = await Promise.all(children.map((child) => ask(child, { order: "run", from, to: from + measured })));
    const total = written.reduce((sum, report) => sum + (report.step === "written" ? report.total : 0), 0);
    const done = await Promise.all(children.map((child) => ask(child, { order: "finish", written: total })));
    const results = done.map((report) => {
      if (report.step !== "done") throw new Error(`a load process said ${report.step} at its end`);
      return report.result;
    });
    return { total, results };
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

function ask(child: ChildProcess, order: Order): Promise<Report> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(new Error(`a load process did not answer to ${order.order}`)), PATIENCE);
    const gone = () => done(new Error(`a load process died before it answered to ${order.order}`));
    const hear = (report: Report) => done(report.step === "failed" ? new Error(report.message) : report);
    const done = (outcome: Report | Error) => {
      clearTimeout(timer);
      child.off("exit", gone).off("message", hear);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    child.on("exit", gone).on("message", hear);
    child.send(order);
  });
}
