import { setTimeout as sleep } from "node:timers/promises";
import { call, upload } from "../large/client.ts";
import type { ImportNode } from "../large/nodes.ts";

/** A line of an import; most nodes have no attributes that matter. */
export type Line = Pick<ImportNode, "id" | "parent" | "type"> & Partial<Pick<ImportNode, "attrs">>;

/** Makes a document of these nodes, parents first. */
export async function importNodes(url: string, nodes: Iterable<Line>): Promise<void> {
  await upload(`${url}/import`, textsOf(nodes));
}

function* textsOf(nodes: Iterable<Line>): Generator<string> {
  for (const node of nodes) yield JSON.stringify(node);
}

/** What `GET /documents/:id` says of a document, as far as it is needed here. */
interface Description {
  readonly seq: number;
  readonly checkpointSeq: number;
  readonly counters: { readonly rowsWritten: number };
}

export async function describe(url: string): Promise<Description> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${text}`);
  const description: Description = JSON.parse(text);
  return description;
}

/** Writes what the memory has, and lets go of it. */
export async function rest(url: string): Promise<void> {
  await call(`${url}/stop`, "POST");
}

const PATIENCE = 60_000;

/** Resolves after the checkpoint of everything so far, with the rows that were written since the document was made. */
export async function checkpointed(url: string): Promise<number> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(50)) {
    const { seq, checkpointSeq, counters } = await describe(url);
    if (checkpointSeq === seq) return counters.rowsWritten;
  }
  throw new Error(`${url}: no checkpoint`);
}
