import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import type { Counters } from "./load.ts";

/** What went over all these sockets together. */
export function fold(connections: readonly Connection[]): Omit<Counters, "acknowledged"> {
  let [delivered, framesReceived, bytesReceived, framesSent] = [0, 0, 0, 0];
  for (const connection of connections) {
    delivered += connection.delivered;
    framesReceived += connection.frames;
    bytesReceived += connection.bytes;
    framesSent += connection.framesSent;
  }
  return { delivered, framesReceived, bytesReceived, framesSent };
}

const PATIENCE = 60_000;

/** Resolves when each has heard of exactly so many mutations; whoever hears of more or less fails the run. */
export async function expectDelivered(connections: readonly Connection[], written: number): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (const connection of connections) {
    while (connection.delivered < written && Date.now() < deadline) await sleep(20);
    if (connection.delivered === written) continue;
    throw new Error(`${written} mutations were written, a subscriber heard of ${connection.delivered}`);
  }
}
