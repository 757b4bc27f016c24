import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../before/requests.ts";
import { within } from "../load/within.ts";
import type { Served } from "../servers/workerd.ts";
import { DOCUMENT, FULL, PEOPLE } from "./kinds.ts";

/** Whether the document is there after a start. */
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

/** Kills it, starts it anew, and opens the document. */
export async function comeUp(served: Served, acknowledged: readonly string[], after: number): Promise<Survival> {
  try {
    await served.restart();
  } catch (error) {
    return failed(messageOf(error));
  }
  return open(served, acknowledged, after);
}

/** Reads what is honest, writes, and sees whether the server lives for so many milliseconds more. */
export async function open(served: Served, acknowledged: readonly string[], after: number): Promise<Survival> {
  const url = `${served.url}/documents/${DOCUMENT}`;
  const start = performance.now();
  try {
    const response = await within(PATIENCE, "the tree", fetch(`${url}/tree?node=${PEOPLE}`));
    const text = await response.text();
    const took = performance.now() - start;
    if (!response.ok) return failed(`${response.status} ${text.slice(0, 100)}`);
    const there = new Set([...text.matchAll(/"id":"(honest-[^"]+)"/g)].map(([, id]) => id));
    const lost = acknowledged.filter((id) => !there.has(id)).length;
    // A mutation has to know of all that was before it.
    const ops = [{ op: "insert", node: { type: "row" }, parent: PEOPLE }];
    const { refused } = await within(PATIENCE, "a mutation", ask(`${url}/mutations`, "POST", JSON.stringify({ ops })));
    if (refused !== null && refused !== FULL) return failed(`a mutation is refused: ${refused}`);
    // What it has to do by itself after a start must not kill it either.
    await sleep(after);
    return served.alive ? { cameUp: true, took, why: null, lost } : failed("it died after the start");
  } catch (error) {
    await sleep(200); // its sockets end before it is known to have ended
    return failed(served.alive ? messageOf(error) : "it died when it was opened");
  }
}

function failed(why: string): Survival {
  return { cameUp: false, took: Number.NaN, why, lost: null };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
