import type { Operation } from "../src/tree/index.ts";
import { call, mutate, upload } from "./document-client.ts";
import { type ImportNode, idOf, nodesOf, random } from "./large-tree.ts";
import { createLineDigest, linesOf } from "./line-digest.ts";

/** How a document gets its nodes. */
export type Filling = "import" | "mutations";

/** Makes the document at this URL, and gives the digest of the lines that were imported. */
export async function fill(url: string, nodes: number, filling: Filling): Promise<string | null> {
  if (filling === "import") {
    const digest = createLineDigest();
    await upload(`${url}/import`, linesFor(nodesOf(nodes), digest.add));
    return digest.hex();
  }
  const { value: root, rest } = first(nodesOf(nodes));
  await call(url, "PUT", { tree: root });
  let ops: Operation[] = [];
  for (const { parent = "", ...node } of rest) {
    ops.push({ op: "insert", node, parent });
    if (ops.length < NODES_A_MUTATION) continue;
    await mutate(url, ops);
    ops = [];
  }
  if (ops.length > 0) await mutate(url, ops);
  return null;
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

/** Updates of so many different nodes of a document that has this many, other ones with each salt. */
export function updates(nodes: number, count: number, salt: number): Operation[] {
  const ids = new Set<string>();
  for (let index = 0; ids.size < count; index++) ids.add(idOf(random(index, 100 + salt) % nodes));
  return [...ids].map((id) => ({ op: "update", id, attrs: { text: `changed for the ${salt}th time` } }));
}

const NODES_A_MUTATION = 10_000;

function* linesFor(nodes: Iterable<ImportNode>, see: (line: string) => void): Generator<string> {
  for (const node of nodes) {
    const line = JSON.stringify(node);
    see(line);
    yield line;
  }
}

function first<T>(items: Generator<T>): { value: T; rest: Generator<T> } {
  const next = items.next();
  if (next.done) throw new Error("a document has a root");
  return { value: next.value, rest: items };
}
