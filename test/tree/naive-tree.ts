import type { Attrs, ConflictPolicy, NodeData, NodeId, Operation, RejectionCode } from "../../src/tree/index.ts";
import { outlineLine } from "./outline.ts";

/**
 * The twin: the rules T1–T7 and C1–C13 of docs/spec.md in the plainest form, to compare the real tree with. The live
 * tree is nested objects; what is removed is cut out whole into a grave that says where it stood. There are no links
 * and no marks, everything is found by searching everywhere, and a mutation is atomic because it works on a copy.
 */
export interface NaiveTree {
  mutate(operations: readonly Operation[], context: NaiveContext): NaiveVerdict;
  outline(): string;
  size(): number;
}

export interface NaiveContext {
  readonly seq: number;
  readonly newId: () => NodeId;
  readonly sees?: ((seq: number) => boolean) | undefined;
  readonly conflicts?: ConflictPolicy | undefined;
  readonly attrsProblem?: ((attrs: Attrs) => string | null) | undefined;
}

export type NaiveVerdict =
  | { readonly ok: true; readonly redirected: NodeId[]; readonly rescued: NodeId[]; readonly removed: NodeId[] }
  | { readonly ok: false; readonly op: number; readonly code: RejectionCode; readonly seq?: number };

interface Node {
  readonly id: NodeId;
  type: string;
  attrs: Attrs;
  placed: number;
  children: Node[];
}

/** What one removal took away, and where its top stood. */
interface Grave {
  readonly seq: number;
  readonly top: Node;
  readonly parent: NodeId;
  readonly prev: NodeId | null;
  readonly next: NodeId | null;
}

interface State {
  readonly root: Node;
  graves: Grave[];
}

interface Work {
  readonly state: State;
  readonly context: NaiveContext;
  readonly redirected: Set<NodeId>;
  readonly rescued: Set<NodeId>;
  readonly removed: Set<NodeId>;
}

/** A refusal is thrown, since nothing of the copy is kept then. */
class Refused extends Error {
  readonly code: RejectionCode;
  readonly seq: number | undefined;
  constructor(code: RejectionCode, seq?: number) {
    super(code);
    this.code = code;
    this.seq = seq;
  }
}

export function createNaiveTree(data: NodeData, newId: () => NodeId): NaiveTree {
  const [root] = build(data, 0, newId);
  if (!root) throw new Error("no root");
  let state: State = { root, graves: [] };
  return {
    mutate(operations, context) {
      const sets = { redirected: new Set<NodeId>(), rescued: new Set<NodeId>(), removed: new Set<NodeId>() };
      const work: Work = { state: structuredClone(state), context, ...sets };
      for (const [op, operation] of operations.entries()) {
        try {
          perform(work, operation);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          return { ok: false, op, code: error.code, ...(error.seq !== undefined && { seq: error.seq }) };
        }
      }
      state = work.state;
      return { ok: true, redirected: [...sets.redirected], rescued: [...sets.rescued], removed: [...sets.removed] };
    },
    outline: () => outlineOf(state.root, 0),
    size: () => below(state.root).length,
  };
}

function perform(work: Work, operation: Operation): void {
  if (operation.op === "insert") insert(work, operation);
  else if (operation.op === "move") move(work, operation);
  else if (operation.op === "update") update(work, operation);
  else remove(work, operation.id);
}

function insert(work: Work, operation: Extract<Operation, { op: "insert" }>): void {
  const { state, context } = work;
  mustFind(state, operation.parent);
  const nodes = build(operation.node, context.seq, context.newId);
  for (const [index, node] of nodes.entries()) {
    // C10, and the same id twice in one insert.
    if (find(state, node.id) || nodes.slice(0, index).some(({ id }) => id === node.id)) throw new Refused("exists");
    if (context.attrsProblem?.(node.attrs)) throw new Refused("tooLarge");
  }
  const [top] = nodes;
  if (top) settle(work, top, operation);
}

function move(work: Work, operation: Extract<Operation, { op: "move" }>): void {
  const { state, context } = work;
  const node = mustFind(state, operation.id);
  if (node === state.root) throw new Refused("root");
  const chain = ancestry(state, mustFind(state, operation.parent));
  // C3. A grave counts as part of what it was cut from.
  const at = chain.indexOf(node);
  if (at >= 0) throw new Refused("cycle", winner(chain.slice(0, at), context.seq));
  settle(work, node, operation);
  node.placed = context.seq;
}

/** The event that a move lost against; undefined where the cycle is as old as the document or the mutation's own. */
function winner(between: readonly Node[], seq: number): number | undefined {
  const last = Math.max(0, ...between.map(({ placed }) => placed));
  return last === 0 || last === seq ? undefined : last;
}

function update(work: Work, { id, attrs, unset, type }: Extract<Operation, { op: "update" }>): void {
  const node = mustFind(work.state, id);
  const kept = Object.entries({ ...node.attrs, ...attrs }).filter(([key]) => !unset?.includes(key));
  const after = Object.fromEntries(kept);
  if (attrs && work.context.attrsProblem?.(after)) throw new Refused("tooLarge");
  if (!isLive(work.state, node)) work.removed.add(id);
  node.attrs = after;
  node.type = type ?? node.type;
}

function remove(work: Work, id: NodeId): void {
  const { state, context } = work;
  const node = mustFind(state, id);
  if (node === state.root) throw new Refused("root");
  const parent = below(state.root).find(({ children }) => children.includes(node));
  // C9: it is in a grave already.
  if (!parent) return;
  const unseen = outermost(node.children, ({ placed }) => {
    return placed !== context.seq && context.sees !== undefined && !context.sees(placed);
  });
  if (unseen.length > 0 && context.conflicts === "reject") throw new Refused("unseen");
  // C6: what was not seen first steps out behind the node that goes.
  for (const each of unseen) {
    cutOut(state, each);
    each.placed = context.seq;
    work.rescued.add(each.id);
  }
  const { children } = parent;
  const index = children.indexOf(node);
  children.splice(index + 1, 0, ...unseen);
  const [prev, next] = [children[index - 1], children[index + 1]];
  children.splice(index, 1);
  const stood = { parent: parent.id, prev: prev?.id ?? null, next: next?.id ?? null };
  state.graves.push({ seq: context.seq, top: node, ...stood });
}

/** Puts a node, new or known, to where parent and anchors say, or to where the parent stood (C4, C5, C11). */
function settle({ state, context, redirected }: Work, node: Node, target: Target): void {
  let { parent, after, before } = target;
  for (let grave = graveOf(state, parent); grave; grave = graveOf(state, parent)) {
    if (context.conflicts === "reject") throw new Refused("removed", grave.seq < context.seq ? grave.seq : undefined);
    redirected.add(node.id);
    parent = grave.parent;
    after = grave.prev ?? undefined;
    before = grave.next;
  }
  const { children } = mustFind(state, parent);
  if (parent !== target.parent) {
    // The author's own anchors come first, where they landed beside the redirected node.
    const isThere = (anchor: Target["after"]) => children.some(({ id }) => id === anchor);
    if (isThere(target.after)) after = target.after;
    else if (isThere(target.before)) [after, before] = [undefined, target.before];
  }
  const own = children.indexOf(node);
  const others = children.filter((child) => child !== node);
  const index = anchored(children, others, own, after, before);
  cutOut(state, node);
  others.splice(index, 0, node);
  mustFind(state, parent).children = others;
}

type Target = {
  readonly parent: NodeId;
  readonly after?: NodeId | null | undefined;
  readonly before?: NodeId | null | undefined;
};

/** T3: the index among the others. A node that is its own anchor keeps its index. */
function anchored(all: Node[], others: Node[], own: number, after: Target["after"], before: Target["before"]): number {
  if (after === null) return 0;
  if (after !== undefined && all.some(({ id }) => id === after)) {
    return all[own]?.id === after ? own : others.findIndex(({ id }) => id === after) + 1;
  }
  if (all.some(({ id }) => id === before)) {
    return all[own]?.id === before ? own : others.findIndex(({ id }) => id === before);
  }
  return others.length;
}

/** Takes a node out of wherever it is: the live tree, the inside of a grave, or a grave of its own (T7). */
function cutOut(state: State, node: Node): void {
  state.graves = state.graves.filter(({ top }) => top !== node);
  for (const each of everything(state)) each.children = each.children.filter((child) => child !== node);
}

/** The outermost nodes that a test holds for, in document order. */
function outermost(nodes: readonly Node[], holds: (node: Node) => boolean): Node[] {
  return nodes.flatMap((node) => (holds(node) ? [node] : outermost(node.children, holds)));
}

/** The nodes of plain data, the top first, level by level, linked up as children already. */
function build(data: NodeData, placed: number, newId: () => NodeId): Node[] {
  const open = (each: NodeData): [Node, NodeData] => {
    return [{ id: each.id ?? newId(), type: each.type, attrs: each.attrs ?? {}, placed, children: [] }, each];
  };
  const list = [open(data)];
  for (const [node, { children = [] }] of list) {
    const opened = children.map(open);
    node.children = opened.map(([child]) => child);
    list.push(...opened);
  }
  return list.map(([node]) => node);
}

function below(node: Node): Node[] {
  return [node, ...node.children.flatMap(below)];
}

function everything(state: State): Node[] {
  return [state.root, ...state.graves.map(({ top }) => top)].flatMap(below);
}

function find(state: State, id: NodeId): Node | undefined {
  return everything(state).find((node) => node.id === id);
}

function mustFind(state: State, id: NodeId): Node {
  const node = find(state, id);
  // C13.
  if (!node) throw new Refused("notFound");
  return node;
}

function isLive(state: State, node: Node): boolean {
  return below(state.root).includes(node);
}

function graveOf(state: State, id: NodeId): Grave | undefined {
  return state.graves.find(({ top }) => below(top).some((node) => node.id === id));
}

/** A node and all it is in, out to the root; from a grave it goes on with the parent that the grave remembers. */
function ancestry(state: State, node: Node): Node[] {
  const parent =
    everything(state).find(({ children }) => children.includes(node)) ??
    find(state, state.graves.find(({ top }) => top === node)?.parent ?? "");
  return parent ? [node, ...ancestry(state, parent)] : [node];
}

function outlineOf(node: Node, level: number): string {
  return [outlineLine(level, node), ...node.children.map((child) => outlineOf(child, level + 1))].join("\n");
}
