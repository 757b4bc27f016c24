import type { Operation } from "../../src/tree/index.ts";
import type { Mutation } from "./protocol.ts";
import { createRandom } from "./random.ts";

export type Kind = "update" | "insert" | "move" | "mixed";

/** Nodes that others stand under; they never move themselves, so no move is refused by anyone. */
const PARENTS = 100;
const BATCH = 1_000;

/** What fills a document with so many nodes: mutations of at most a thousand inserts. */
export function fillOf(nodes: number): readonly Mutation[] {
  const known = fills.get(nodes);
  if (known) return known;
  const parents = Math.min(PARENTS, nodes);
  const mutations: Operation[][] = [];
  for (let index = 0; index < nodes; index++) {
    if (index % BATCH === 0) mutations.push([]);
    const parent = index < parents ? "root" : idOf(index % parents);
    const node = { id: idOf(index), type: "item", attrs: { text: `row ${index}`, done: false } };
    mutations.at(-1)?.push({ op: "insert", node, parent, after: null });
  }
  fills.clear();
  fills.set(nodes, mutations);
  return mutations;
}

/** The last one, as it is asked for again and again. */
const fills = new Map<number, readonly Mutation[]>();

/** One client's endless edits of a document with so many nodes, an operation each; the same from the same seed. */
export function editsOf(kind: Kind, client: string, nodes: number, seed: number): () => Mutation {
  const random = createRandom(seed);
  const parents = Math.min(PARENTS, nodes / 2);
  let made = 0;
  const leaf = () => idOf(parents + random(nodes - parents));
  const parent = () => idOf(random(parents));
  const makers = {
    // A value that no other client writes: some systems tell nobody of what changes nothing.
    update: (): Operation => ({ op: "update", id: leaf(), attrs: { done: seed * 1_000_000 + made } }),
    insert: (): Operation => {
      const node = { id: `${client}-${made}`, type: "item", attrs: { text: `row ${made}`, done: false } };
      return { op: "insert", node, parent: parent(), after: null };
    },
    move: (): Operation => ({ op: "move", id: leaf(), parent: parent(), after: null }),
    mixed: (): Operation => {
      const dice = random(100);
      return dice < 60 ? makers.update() : dice < 85 ? makers.insert() : makers.move();
    },
  };
  return () => {
    made++;
    return [makers[kind]()];
  };
}

function idOf(index: number): string {
  return `n${index}`;
}
