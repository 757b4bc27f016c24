import { call, mutate } from "./document-client.ts";
import { type Figure, medianFigure, timed } from "./figures.ts";
import { updates } from "./large-document.ts";

/** A document to measure; its address changes with every start of the server. */
export interface Measured {
  readonly nodes: number;
  readonly url: () => string;
}

/** Changed nodes that a checkpoint writes. */
const DIRTY = 1_000;

/** How long `stop` takes when it has changed nodes to write; in turns, so that all see the same weather. */
export async function checkpointTimes(documents: readonly Measured[], repetitions: number): Promise<Figure[]> {
  const measured = documents.map(({ nodes, url }) => ({ nodes, url, times: [] as number[] }));
  for (let round = 0; round < repetitions; round++) {
    for (const { nodes, url, times } of measured) {
      await mutate(url(), updates(nodes, Math.min(DIRTY, nodes), 1_000 + round));
      times.push(await timed(() => call(`${url()}/stop`, "POST")));
    }
  }
  return measured.map(({ nodes, times }) =>
    medianFigure(`${Math.min(DIRTY, nodes)} changed of ${nodes.toLocaleString("en")} nodes`, times, "ms"),
  );
}
