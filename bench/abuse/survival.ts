import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../load/within.ts";
import type { Served } from "../servers/workerd.ts";
import { DOCUMENT, PEOPLE } from "./kinds.ts";

/** Whether the document is there after a kill and a start. */
export interface Survival {
  readonly cameUp: boolean;
  /** Milliseconds to the first answer. */
  readonly took: number;
  /** Why it did not. */
  readonly why: string | null;
  /** Of what was acknowledged to those who are honest, how much is not there. */
  readonly lost: number | null;
}

const PATIENCE = 60_000;

export async function comeUp(served: Served, acknowledged: readonly string[], after: number): Promise<Survival> {
  const failed = (why: string): Survival => ({ cameUp: false, took: Number.NaN, why, lost: null });
  try {
    await served.restart();
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const start = performance.now();
  try {
    const response = await within(
      PATIENCE,
      "the tree",
      fetch(`${served.url}/documents/${DOCUMENT}/tree?node=${PEOPLE}`),
    );
    const text = await response.text();
    const took = performance.now() - start;
    if (!response.ok) return failed(`${response.status} ${text.slice(0, 100)}`);
    const there = new Set([...text.matchAll(/"id":"(honest-[^"]+)"/g)].map(([, id]) => id));
    const lost = acknowledged.filter((id) => !there.has(id)).length;
    // What it has to do by itself after a start must not kill it either.
    await sleep(after);
    return served.alive ? { cameUp: true, took, why: null, lost } : failed("it died after the start");
  } catch (error) {
    return failed(
      served.alive ? (error instanceof Error ? error.message : String(error)) : "it died when it was opened",
    );
  }
}
