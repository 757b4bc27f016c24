import type { Operation } from "../../src/tree/index.ts";
import type { Mutation } from "./protocol.ts";
import { createRandom } from "./random.ts";

export type Kind = "update" | "insert" | "move" | "mixed";

/** Nodes that others stand under; they never move themselves, so no move is refused by anyone. */
const PARENTS = 100;

/** What fills a document with so many nodes: mutations of at most `batch` of them. */
export function fillOf(nodes: number, batch = 1_000): Mutation[] {
  const parents = Math.min(PARENTS, nodes);
  const mutations: Operation[][] = [];
  for (let index = 0; index < nodes; index++) {
    if (index % batch === 0) mutations.push([]);
    const parent = index < parents ? "root" : idOf(index % parents);
    const node = { id: idOf(index), type: "item", attrs: { text: `row ${index}`, done: false } };
    mutations.at(-1)?.push({ op: "insert", node, parent, after: null });
  }
  return mutations;
}

/** One client's endless edits of a document with so many nodes, an operation each; the same from the same seed. */
export function editsOf(kind: Kind, client: string, nodes: number, seed: number): () => Mutation {
  const random = createRandom(seed);
  const parents = Math.min(PARENTS, nodes / 2);
  let made = 0;
  const leaf = () => idOf(parents + random(nodes - parents));
  const parent = () => idOf(random(parents));
  const makers = {
    update: (): Operation => ({ op: "update", id: leaf(), attrs: { done: made } }),
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
