import { evictDurableObject } from "cloudflare:test";
import { topic } from "../../src/protocol/index.ts";
import { call, stubOf } from "./http-client.ts";

type Between = (id: string) => Promise<unknown>;

/** What may happen to an object between two messages without anybody outside noticing. */
export const sleeps: readonly (readonly [when: string, sleep: Between])[] = [
  ["while the object is busy", async () => {}],
  // Longer than any commit window: nothing is about to happen by itself.
  ["while the object is idle", () => new Promise((resolve) => setTimeout(resolve, 50))],
  ["while the object hibernates", (id) => evictDurableObject(stubOf(id))],
];

/** Where an object finds what it knew: in memory, in the log that a wake-up replays, or in the log before that. */
export const memories: readonly (readonly [when: string, forget: Between])[] = [
  ["at once", async () => {}],
  ["after an eviction", (id) => evictDurableObject(stubOf(id))],
  ["after a checkpoint", (id) => call("POST", `${topic(id)}/stop`)],
];
