import {
  chain,
  type DiffNode,
  type DiffOperations,
  type DiffPage,
  type DiffQuery,
  failure,
  LIMITS,
  type Result,
  success,
} from "../protocol/index.ts";
import {
  ANY_NODE,
  type Between,
  createMeter,
  type Maker,
  type Meter,
  type Slices,
  type StoredDocument,
} from "../storage.ts";
import {
  type ChangesOf,
  createMembers,
  createNodeDiff,
  type NodeDiff,
  type NodeId,
  type Operation,
  operationsBetween,
  type ReadStore,
  type Sides,
  weighAttrs,
} from "../tree/index.ts";
import { atThisMoment } from "./moment.ts";
import { seqOfMoment } from "./moments.ts";
import type { OpenDocument } from "./opening.ts";
import { netChanges, type ToldChanges, textChanges } from "./text-changes.ts";
import { type Seqs, type TwoTrees, twoMoments, twoStates } from "./two-moments.ts";

const DEFAULT_LIMIT = 100;

/** Tells what differs between two states of a document, or the operations that lead from the one to the other, a page at a time. */
export function readDiff(document: OpenDocument, query: DiffQuery): Slices<Result<DiffPage | DiffOperations>> {
  const { stored } = document;
  const meter = createMeter();
  const now = stored.seq;
  return atThisMoment(stored.nodes, meter, function* (view): Slices<Result<DiffPage | DiffOperations>> {
    const ends = chain(seqOfMoment(stored, query.from ?? { seq: stored.historyFrom - 1 }), (from) =>
      chain(seqOfMoment(stored, query.to ?? { seq: now }), (to) => success({ from, to })),
    );
    if (!ends.ok) return ends;
    const { from, to } = ends.value;
    const seqs = { earlier: Math.min(from, to), later: Math.max(from, to), now };
    const page = { ...query, from, to };
    if (query.ops) return yield* operationsOf(stored, view, seqs, page, meter);
    const both = yield* twoMoments(document, view, seqs, meter);
    return both.ok ? success(yield* nodesOf(compare(both.value, from <= to), page, meter)) : both;
  });
}

/** Two states in the order in which they are compared. */
interface Compared extends Sides {
  readonly between: Between;
  readonly from: ReadStore;
  readonly to: ReadStore;
  told(id: NodeId, attr: string, from: string, to: string): ToldChanges | undefined;
}

function compare({ earlier, later, between }: TwoTrees & { readonly between: Between }, isForwards: boolean): Compared {
  const [from, to] = isForwards ? [earlier, later] : [later, earlier];
  return {
    ...{ between, from, to },
    before: aliveIn(from),
    after: aliveIn(to),
    isPlaced: (id) => between.get(id)?.placed !== undefined,
    told: (id, attr, was, is) => textChanges(between.get(id), attr, was, is, isForwards),
  };
}

function aliveIn(store: ReadStore): Sides["before"] {
  const isAlive = createMembers(store, store.root);
  return (id) => (isAlive(id) ? store.get(id) : undefined);
}

type Page = Omit<DiffQuery, "from" | "to"> & { readonly from: number; readonly to: number };

function* nodesOf({ between, from, to, told, ...sides }: Compared, query: Page, meter: Meter): Slices<DiffPage> {
  const { after: passed = 0, limit = DEFAULT_LIMIT, node } = query;
  const branches = node === undefined ? null : branchesOf(node, [sides.before, from], [sides.after, to]);
  const changesOf: ChangesOf = (id, attr, was, is) => told(id, attr, was, is)?.changes;
  const diffOf = createNodeDiff(sides, changesOf);
  const nodes: DiffNode[] = [];
  const authors: Record<string, Omit<Maker, "seq">> = {};
  const name = (maker: Maker): number => {
    const { seq, ...author } = maker;
    authors[seq] = author;
    return seq;
  };
  /** Whose each change of its texts is. */
  const byOf = (diff: NodeDiff): DiffNode["by"] => {
    const texts = "texts" in diff ? Object.entries(diff.texts ?? {}) : [];
    const by = texts.flatMap(([attr, text]) => {
      const made = told(diff.id, attr, text.from, textOf(sides, diff.id, attr))?.by;
      return made ? [[attr, made.map((maker) => maker && name(maker))] as const] : [];
    });
    return by.length > 0 ? Object.fromEntries(by) : undefined;
  };
  let next = 0;
  let characters = 0;
  for (const [id, named] of between) {
    if (next++ < passed) continue;
    if (nodes.length >= limit || characters > LIMITS.diffCharacters) {
      return { ...rangeOf(query), nodes, authors, more: true, next: next - 1 };
    }
    const isMeant = !branches || branches.some((isIn) => isIn(id));
    const diff = isMeant ? yield* counted(diffOf(id), meter) : null;
    if (meter.full()) yield;
    if (!diff) continue;
    const by = byOf(diff);
    nodes.push({
      ...diff,
      ...(named.placed && diff.is !== "changed" && { placed: name(named.placed) }),
      ...(named.written && diff.is !== "removed" && { written: name(named.written) }),
      ...(by && { by }),
    });
    characters += weigh(sides.before(id)?.attrs) + weigh(sides.after(id)?.attrs);
  }
  return { ...rangeOf(query), nodes, authors, more: false, next };
}

/** What stands in a branch in either state, where the branch itself is there. */
function branchesOf(
  node: NodeId,
  ...states: readonly (readonly [Sides["before"], ReadStore])[]
): ((id: NodeId) => boolean)[] {
  return states.flatMap(([alive, store]) => (alive(node) ? [createMembers(store, node)] : []));
}

/** Of a branch they are for a copy of that alone: what has come into it is inserted, and what has left it is removed. */
function* operationsOf(
  stored: StoredDocument,
  view: ReadStore,
  seqs: Seqs,
  query: Page,
  meter: Meter,
): Slices<Result<DiffOperations>> {
  const both = yield* twoStates(stored, view, seqs, meter);
  if (!both.ok) return both;
  const { earlier, later, net } = both.value;
  const isForwards = query.from <= query.to;
  const [from, to] = isForwards ? [earlier, later] : [later, earlier];
  const { after: passed = 0, limit = DEFAULT_LIMIT, node: top = to.root } = query;
  const isThere = [from, to].every((store) => aliveIn(store)(top));
  if (!isThere) return failure("notFound", `node ${top} is not there in both`);
  const [was, isMeant] = [createMembers(from, top), createMembers(to, top)];
  const before: Sides["before"] = (id) => (was(id) ? from.get(id) : undefined);
  const after: Sides["after"] = (id) => (isMeant(id) ? to.get(id) : undefined);
  const leading = operationsBetween({
    ...{ before, after, isPlaced: (id) => net.named.get(id) === true, content: before },
    ...{ named: keysOf(net.named), top, isMeant, comes: "insert" },
    // biome-ignore lint/correctness/useYield: there is nothing to look at
    *goes() {
      return true;
    },
    changesOf: (id, attr, was, is) => netChanges(net, id, attr, was, is, isForwards),
  });
  const ops: Operation[] = [];
  let next = 0;
  let characters = 0;
  for (const op of leading) {
    meter.add(ANY_NODE);
    if (meter.full()) yield;
    if (!op || next++ < passed) continue;
    if (ops.length >= limit || characters > LIMITS.diffCharacters) {
      return success({ ...rangeOf(query), ops, more: true, next: next - 1 });
    }
    ops.push(op);
    characters += weighOperation(op);
  }
  return success({ ...rangeOf(query), ops, more: false, next });
}

function rangeOf({ from, to }: Page): { readonly from: number; readonly to: number } {
  return { from, to };
}

/** To be gone through more than once. */
function keysOf(between: ReadonlyMap<NodeId, unknown>): Iterable<NodeId> {
  return { [Symbol.iterator]: () => between.keys() };
}

/** About how many characters an operation has. */
export function weighOperation(op: Operation): number {
  if (op.op === "insert") return weigh(op.node.attrs);
  if (op.op === "update") return weigh(op.attrs);
  if (op.op !== "edit") return 0;
  return op.changes.reduce<number>((sum, change) => sum + (typeof change === "string" ? change.length : 8), 0);
}

function weigh(attrs: Parameters<typeof weighAttrs>[0] | undefined): number {
  return attrs ? weighAttrs(attrs) : 0;
}

function textOf({ after }: Sides, id: NodeId, attr: string): string {
  const text = after(id)?.attrs[attr];
  return typeof text === "string" ? text : "";
}

/** Counts each look, and waits for the next turn when it is enough. */
function* counted<T>(work: Generator<unknown, T>, meter: Meter): Slices<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    meter.add(ANY_NODE);
    if (meter.full()) yield;
  }
}
