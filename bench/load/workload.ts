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

/** Which of the writers who share a document this one is. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/**
 * One client's endless edits of a document with so many nodes, an operation each; the same from the same seed. Every
 * writer has nodes of its own: a client of Yjs that has not heard of the last value of a key loses against it, and what
 * loses costs less.
 */
export function editsOf(kind: Kind, client: string, nodes: number, seed: number, { index, of }: Share): () => Mutation {
  const random = createRandom(seed);
  const parents = Math.min(PARENTS, nodes / 2);
  let made = 0;
  const own = Math.max(1, Math.floor((nodes - parents - index) / of));
  const leaf = () => parents + index + of * random(own);
  const parent = () => idOf(random(parents));
  /** Where those stand that it has moved: a move to the place that a node has changes nothing, and costs next to nothing. */
  const moved = new Map<number, number>();
  const elsewhere = (node: number) => {
    const now = moved.get(node) ?? node % Math.min(PARENTS, nodes);
    const other = (now + 1 + random(Math.max(1, parents - 1))) % parents;
    moved.set(node, other);
    return idOf(other);
  };
  const makers = {
    update: (): Operation => ({ op: "update", id: idOf(leaf()), attrs: { done: made } }),
    insert: (): Operation => {
      const node = { id: `${client}-${made}`, type: "item", attrs: { text: `row ${made}`, done: false } };
      return { op: "insert", node, parent: parent(), after: null };
    },
    move: (): Operation => {
      const node = leaf();
      return { op: "move", id: idOf(node), parent: elsewhere(node), after: null };
    },
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

/** The id of a node of `fillOf`; the first hundred are parents, which no writer updates. */
export function idOf(index: number): string {
  return `n${index}`;
}
