import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Address } from "../../load/connection.ts";
import type { Held } from "../../load/protocol.ts";
import { within } from "../../load/within.ts";

export interface PulseTask extends Address {
  /** The file of the side's Protocol. */
  readonly protocol: string;
  readonly client: string;
  readonly node: string;
  readonly everyMs: number;
  readonly held: Held;
}

export type PulseOrder =
  | { readonly order: "begin"; readonly task: PulseTask }
  /** Milliseconds since 1970. */
  | { readonly order: "finish"; readonly from: number; readonly to: number };

export type PulseReport =
  | { readonly step: "ready" }
  | { readonly step: "done"; readonly longest: number; readonly waits: number }
  | { readonly step: "failed"; readonly message: string };

/** Another client who updates a node at a fixed pace. */
export interface Pulse {
  /** Ends it, and gives the longest time to an answer of what was on its way between two moments; since 1970. */
  longest(from: number, to: number): Promise<number>;
  kill(): void;
}

const PATIENCE = 90_000;
const PULSE = fileURLToPath(new URL("pulse.ts", import.meta.url));

/** In a process of its own, so that whatever is done here does not hold it up. */
export async function startPulse(task: PulseTask): Promise<Pulse> {
  const child = fork(PULSE, { stdio: "inherit" });
  try {
    await ask(child, { order: "begin", task });
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    async longest(from, to) {
      const report = await ask(child, { order: "finish", from, to });
      if (report.step !== "done" || report.waits === 0) throw new Error("the other client has waited for nothing");
      return report.longest;
    },
    kill: () => child.kill("SIGKILL"),
  };
}

async function ask(child: ChildProcess, order: PulseOrder): Promise<PulseReport> {
  const answer = Promise.withResolvers<PulseReport>();
  const gone = () => answer.reject(new Error("the other client's process is gone"));
  child.once("message", answer.resolve).once("exit", gone);
  child.send(order);
  try {
    const report = await within(PATIENCE, `the other client, ${order.order}`, answer.promise);
    if (report.step === "failed") throw new Error(`the other client: ${report.message}`);
    return report;
  } finally {
    child.off("message", answer.resolve).off("exit", gone);
  }
}
