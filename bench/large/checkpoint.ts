import type { Notes } from "../scenarios/scene.ts";
import { call, mutate } from "./client.ts";
import { updates } from "./document.ts";

/** A document to measure; its address changes with every start of the server. */
export interface Measured {
  readonly nodes: number;
  readonly url: () => string;
}

/** How many changed nodes a checkpoint writes. */
export const DIRTY = [100, 1_000, 10_000];

/**
 * How long `stop` takes when it has changed nodes to write; in turns, so that all see the same weather. Notes
 * milliseconds as `checkpoint DIRTY: NODES`, where the document has as many nodes.
 */
export async function checkpointTimes(
  documents: readonly Measured[],
  repetitions: number,
  notes: Notes,
): Promise<void> {
  for (let round = 0; round < repetitions; round++) {
    for (const { nodes, url } of documents) {
      for (const dirty of DIRTY.filter((each) => each <= nodes)) {
        await mutate(url(), updates(nodes, dirty, 1_000 + round));
        const start = performance.now();
        await call(`${url()}/stop`, "POST");
        notes.add(`checkpoint ${dirty}: ${nodes}`, performance.now() - start);
      }
    }
  }
}
