import { idOf, nodesOf } from "../../large/nodes.ts";
import type { Line } from "../documents.ts";

const THIRTY = 30_000;
/** So many are a little less than the 32 MiB that are given out in one answer. */
const MOST = 215_000;

/** What stands on top: half of the document is one branch; in the other half are those that are read. */
const TOPS: readonly Line[] = [
  { id: "root", type: "page" },
  { id: "pulse", parent: "root", type: "row" },
  { id: "spare", parent: "root", type: "page" },
  { id: "half", parent: "root", type: "page" },
  { id: "other", parent: "root", type: "page" },
  { id: "most", parent: "other", type: "page" },
  { id: "thirty", parent: "most", type: "page" },
];

/** The nodes of a large document below these. */
export function* halvesOf(nodes: number): Generator<Line> {
  yield* TOPS;
  let index = 0;
  for (const { parent, ...node } of nodesOf(nodes)) {
    // What stood below the root before; each takes along what is below it.
    const first = parent === undefined || parent === idOf(0);
    yield { ...node, parent: first ? topOf(index, nodes) : parent };
    index++;
  }
}

function topOf(index: number, nodes: number): string {
  const half = Math.floor(nodes / 2);
  if (index < half) return "half";
  if (index < half + Math.min(THIRTY, half / 2)) return "thirty";
  return index < half + Math.min(MOST, half * 0.9) ? "most" : "other";
}

/** One deep in the half. */
export function deepIn(nodes: number): string {
  return idOf(Math.min(1_300, Math.floor(nodes / 4)));
}

/** One below `thirty`, another one with each index for some thousand of them. */
export function inThirty(nodes: number, index: number): string {
  const all = Math.min(THIRTY, Math.floor(nodes / 4));
  return idOf(Math.floor(nodes / 2) + Math.floor(all / 2) + (index % Math.floor(all / 4)));
}

/** The last one, in the other half. */
export function lastOf(nodes: number): string {
  return idOf(nodes - 1);
}
