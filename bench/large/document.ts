import type { Operation } from "../../src/tree/index.ts";
import { upload } from "./client.ts";
import { createLineDigest, linesOf } from "./line-digest.ts";
import { type ImportNode, idOf, nodesOf, random } from "./nodes.ts";

/** Imports a document at this URL, and gives the digest of the lines that were sent. */
export async function fill(url: string, nodes: number): Promise<string> {
  const digest = createLineDigest();
  await upload(`${url}/import`, linesFor(nodesOf(nodes), digest.add));
  return digest.hex();
}

/** The digest of what an export gives, and how many lines that was. */
export async function exportDigest(url: string): Promise<{ hex: string; lines: number; bytes: number }> {
  const response = await fetch(`${url}/export`);
  if (!response.ok || !response.body) throw new Error(`GET ${url}/export: ${response.status}`);
  const digest = createLineDigest();
  let bytes = 0;
  const body = response.body;
  const counted = async function* () {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  for await (const line of linesOf(counted())) digest.add(line);
  return { lines: digest.lines, bytes, hex: digest.hex() };
}

/**
 * Updates of so many different nodes of a document that has this many, other ones with each salt. None of them finds the
 * text that it sets, also where some of the same nodes had a smaller number of updates with this salt.
 */
export function updates(nodes: number, count: number, salt: number): Operation[] {
  const ids = new Set<string>();
  for (let index = 0; ids.size < count; index++) ids.add(idOf(random(index, 100 + salt) % nodes));
  return [...ids].map((id) => ({ op: "update", id, attrs: { text: `changed for the ${salt}th time, with ${count}` } }));
}

function* linesFor(nodes: Iterable<ImportNode>, see: (line: string) => void): Generator<string> {
  for (const node of nodes) {
    const line = JSON.stringify(node);
    see(line);
    yield line;
  }
}
