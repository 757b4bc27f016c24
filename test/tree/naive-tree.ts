import { isDeepStrictEqual } from "node:util";
import type { Attrs, ConflictPolicy, NodeData, NodeId, Operation, RejectionCode } from "../../src/tree/index.ts";
import { outlineLine } from "./outline.ts";

/**
 * The twin: the rules T1–T7, T12, T13 and C1–C13 of docs/spec.md in the plainest form, to compare the real tree with.
 * Every list of siblings is one list: of nodes, alive or removed, each with all that is below it, and of the ghosts that
 * nodes left there which live elsewhere now. There are no links and no indices, everything is found by searching
 * everywhere, and a mutation is atomic because it works on a copy.
 */
export interface NaiveTree {
  mutate(operations: readonly Operation[], context: NaiveContext): NaiveVerdict;
  outline(): string;
  size(): number;
  /** What stands in the list of every node, removed ones too: a node by its id, `-` one that was removed, `^` a ghost. */
  orders(): Map<NodeId, string[]>;
}

export interface NaiveContext {
  readonly seq: number;
  readonly newId: () => NodeId;
  readonly sees?: ((seq: number) => boolean) | undefined;
  readonly conflicts?: ConflictPolicy | undefined;
  readonly attrsProblem?: ((attrs: Attrs) => string | null) | undefined;
}

export type NaiveVerdict = NaiveAccepted | NaiveRejected;

export interface NaiveAccepted {
  readonly ok: true;
  readonly changed: boolean;
  readonly redirected: NodeId[];
  readonly rescued: NodeId[];
  readonly removed: NodeId[];
  /** Which of the rarer cases it came to, by name: for counting. */
  readonly met: string[];
}

export interface NaiveRejected {
  readonly ok: false;
  readonly op: number;
  readonly code: RejectionCode;
  readonly seq?: number;
}

interface Node {
  readonly kind: "node";
  readonly id: NodeId;
  type: string;
  attrs: Attrs;
  /** The seq of the event that inserted, moved or restored it. */
  placed: number;
  /** The seq of the event that removed it, and not something above it; or null. */
  removed: number | null;
  /** All events that removed it, by authors who had not seen that it was. */
  removers: number[];
  children: Entry[];
}

/** Where a node stood that stands elsewhere now. */
interface Ghost {
  readonly kind: "ghost";
  readonly id: NodeId;
  /** The seq of the event that left it. */
  readonly since: number;
  /** The how manieth of all ghosts it is. */
  readonly left: number;
}

type Entry = Node | Ghost;

interface State {
  readonly root: Node;
  /** How many ghosts were ever left. */
  ghosts: number;
}

interface Work {
  readonly state: State;
  readonly context: NaiveContext;
  readonly redirected: Set<NodeId>;
  readonly rescued: Set<NodeId>;
  readonly removed: Set<NodeId>;
  readonly met: string[];
}

type Anchor = NodeId | null | undefined;

const GHOSTS = 8;

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
  let state: State = { root, ghosts: 0 };
  return {
    mutate(operations, context) {
      const sets = { redirected: new Set<NodeId>(), rescued: new Set<NodeId>(), removed: new Set<NodeId>() };
      const work: Work = { state: structuredClone(state), context, ...sets, met: [] };
      let changed = false;
      for (const [op, operation] of operations.entries()) {
        try {
          if (perform(work, operation)) changed = true;
          else work.met.push(`${operation.op} that changes nothing`);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          return { ok: false, op, code: error.code, ...(error.seq !== undefined && { seq: error.seq }) };
        }
      }
      state = work.state;
      const lists = { redirected: [...sets.redirected], rescued: [...sets.rescued], removed: [...sets.removed] };
      return { ok: true, changed, ...lists, met: work.met };
    },
    outline: () => outlineOf(state.root, 0),
    size: () => alive(state.root).length,
    orders: () => new Map(everything(state.root).map(({ id, children }) => [id, children.map(entryText)])),
  };
}

/** Whether it changes anything (T12). */
function perform(work: Work, operation: Operation): boolean {
  if (operation.op === "insert") return insert(work, operation);
  if (operation.op === "move") return move(work, operation);
  if (operation.op === "update") return update(work, operation);
  if (operation.op === "remove") return remove(work, operation.id);
  throw new Error("undo has rules and tests of its own");
}

function insert(work: Work, operation: Extract<Operation, { op: "insert" }>): boolean {
  const { state, context } = work;
  mustFind(state, operation.parent);
  const nodes = build(operation.node, context.seq, context.newId);
  for (const [index, node] of nodes.entries()) {
    // C10, and the same id twice in one insert.
    if (find(state, node.id) || nodes.slice(0, index).some(({ id }) => id === node.id)) throw new Refused("exists");
    if (context.attrsProblem?.(node.attrs)) throw new Refused("tooLarge");
  }
  const [top] = nodes;
  return top !== undefined && settle(work, top, operation);
}

function move(work: Work, operation: Extract<Operation, { op: "move" }>): boolean {
  const { state, context } = work;
  const node = mustFind(state, operation.id);
  if (node === state.root) throw new Refused("root");
  const chain = ancestry(state, mustFind(state, operation.parent));
  // C3.
  const at = chain.indexOf(node);
  if (at >= 0) throw new Refused("cycle", winner(chain.slice(0, at), context.seq));
  return settle(work, node, operation);
}

/** The event that a move lost against; undefined where the cycle is as old as the document or the mutation's own. */
function winner(between: readonly Node[], seq: number): number | undefined {
  const last = Math.max(0, ...between.map(({ placed }) => placed));
  return last === 0 || last === seq ? undefined : last;
}

function update(work: Work, { id, attrs, unset, type }: Extract<Operation, { op: "update" }>): boolean {
  const node = mustFind(work.state, id);
  const kept = Object.entries({ ...node.attrs, ...attrs }).filter(([key]) => !unset?.includes(key));
  const then = { attrs: Object.fromEntries(kept), type: type ?? node.type };
  if (attrs && work.context.attrsProblem?.(then.attrs)) throw new Refused("tooLarge");
  // C8.
  if (!isAlive(work.state, node)) work.removed.add(id);
  const now = { attrs: { ...node.attrs }, type: node.type };
  Object.assign(node, then);
  return !isDeepStrictEqual(now, then);
}

function remove(work: Work, id: NodeId): boolean {
  const { state, context } = work;
  const node = mustFind(state, id);
  if (node === state.root) throw new Refused("root");
  // C9.
  if (!isAlive(state, node)) return removeOnceMore(work, node);
  const parent = parentOf(state, node);
  if (!parent) throw new Error(`${id} has no parent`);
  const unseen = unseenIn(work, node);
  if (unseen.length > 0 && context.conflicts === "reject") throw new Refused("unseen");
  // C6: what was not seen first steps out, one after the other in front of the node that goes.
  for (const each of unseen) {
    work.rescued.add(each.id);
    const { placed } = each;
    put(work, each, parent, parent.children.indexOf(node));
    // Nobody has seen it there who had not seen it before.
    each.placed = placed;
  }
  node.removed = context.seq;
  node.removers = [context.seq];
  return true;
}

function removeOnceMore(work: Work, node: Node): boolean {
  const { state, context, met } = work;
  const grave = ancestry(state, node).find(({ removed }) => removed !== null)?.removed ?? 0;
  if (!context.sees || context.sees(grave) || grave === context.seq || node.removers.includes(context.seq))
    return false;
  if (node.removed === null && unseenIn(work, node).length > 0) return false;
  work.removed.add(node.id);
  met.push("removed once more");
  node.removed ??= context.seq;
  node.removers.push(context.seq);
  return true;
}

function unseenIn({ context }: Work, node: Node): Node[] {
  return outermost(liveAmong(node.children), ({ placed }) => placed !== context.seq && isUnseen(context, placed));
}

function isUnseen({ sees }: NaiveContext, seq: number): boolean {
  return sees !== undefined && !sees(seq);
}

/** Puts a node, new or known, to where parent and anchors say, or to where something removed stands (C4, C5, C11). */
function settle(work: Work, node: Node, { parent: parentId, after, before }: Target): boolean {
  const { state, context, met } = work;
  const parent = mustFind(state, parentId);
  const graves = ancestry(state, parent).filter(({ removed }) => removed !== null);
  const [inner] = graves;
  const outer = graves.at(-1);
  if (!inner || !outer) return put(work, node, parent, anchored(work, node, parent.children, after, before));
  if (node.removed !== null && parentOf(state, node) === parent) {
    met.push("restored inside something removed");
    work.removed.add(node.id);
    return put(work, node, parent, anchored(work, node, parent.children, after, before));
  }
  if (context.conflicts === "reject") throw new Refused("removed", earlier(inner.removed, context.seq));
  work.redirected.add(node.id);
  const above = parentOf(state, outer);
  if (!above) throw new Error("the root is removed");
  // The author's own anchors count where they stand there as themselves. A null says nothing: it meant another list.
  const isThere = (id: Anchor) => nodesAmong(above.children).some((child) => child.id === id);
  let index = above.children.indexOf(outer);
  const known = { ...work, context: { ...context, sees: undefined } };
  if (isThere(after)) index = anchored(known, node, above.children, after, undefined);
  else if (isThere(before)) index = anchored(known, node, above.children, undefined, before);
  if (isThere(after) || isThere(before)) met.push("redirected to beside its anchor");
  return put(work, node, above, index);
}

type Target = { readonly parent: NodeId; readonly after?: Anchor; readonly before?: Anchor };

/** The seq of an event that can be named: one that there is already. */
function earlier(removed: number | null, seq: number): number | undefined {
  return removed !== null && removed < seq ? removed : undefined;
}

/** T3, T13: the index in the list, among all that stands there, at which a node is to be put in. */
function anchored(work: Work, node: Node, list: readonly Entry[], after: Anchor, before: Anchor): number {
  const { met } = work;
  if (after === null) return 0;
  const behind = placeOf(work, node, list, after);
  const infront = placeOf(work, node, list, before);
  const anchor = list[behind] ?? list[infront];
  if (anchor === node) met.push(node.removed === null ? "anchored to itself" : "restored in place");
  else if (anchor?.kind === "ghost") met.push(anchor.id === node.id ? "back to its ghost" : "anchored to a ghost");
  else if (anchor && anchor.removed !== null) met.push("anchored to a tombstone");
  if (behind >= 0) return behind + 1;
  return infront >= 0 ? infront : list.length;
}

/** Where its author has seen an anchor: where it stood until it was moved unseen, else where it stands, else where it stood last. */
function placeOf({ context, met }: Work, node: Node, list: readonly Entry[], anchor: Anchor): number {
  const entries = list.filter(({ id }) => id === anchor);
  const ghosts = entries.filter((entry) => entry.kind === "ghost").sort((a, b) => a.left - b.left);
  const unseen = ghosts.find(({ since }) => since !== context.seq && isUnseen(context, since));
  if (unseen && anchor !== node.id) {
    met.push("anchored to where it was seen");
    return list.indexOf(unseen);
  }
  const found = entries.find((entry) => entry.kind === "node") ?? ghosts.at(-1);
  return found ? list.indexOf(found) : -1;
}

/**
 * Puts a node into the list of a parent at an index, and takes it out of where it was. Returns false where nothing
 * changes by it (T12).
 */
function put({ state, context, met }: Work, node: Node, parent: Node, index: number): boolean {
  const before = parent.children.slice(0, index);
  const from = parentOf(state, node);
  if (from === parent && isAlive(state, node)) {
    const stoodBefore = parent.children.slice(0, parent.children.indexOf(node));
    const others = liveAmong(before).filter((each) => each !== node);
    if (liveAmong(stoodBefore).at(-1) === others.at(-1)) return false;
  }
  if (from && !isAlive(state, node) && node.removed === null) met.push("moved out of something removed");
  // Back to where it stood: what stands there for it goes.
  const own: Entry[] = [];
  const isGoneHere = (entry: Entry) => entry.id === node.id && (entry.kind === "ghost" || entry.removed !== null);
  for (const entry of before.toReversed()) {
    // The tombstone may stand in front of a ghost; no ghost goes with another.
    if (!isGoneHere(entry) || (own.length > 0 && (entry !== node || own.includes(node)))) break;
    own.push(entry);
  }
  const marker: Ghost = { kind: "ghost", id: "", left: 0, since: 0 };
  // What the same event has left stays, right behind: it stood there before.
  const stays = own.filter((entry) => entry.kind === "ghost" && entry.since === context.seq);
  const front = before.filter((entry) => !own.includes(entry));
  const behind = parent.children.slice(index).filter((entry) => !own.includes(entry));
  parent.children = [...front, marker, ...stays, ...behind];
  if (from && !own.includes(node)) {
    const { seq: since } = context;
    const isLeft = from.children.some(
      (entry) => entry.kind === "ghost" && entry.id === node.id && entry.since === since,
    );
    const ghost: Ghost = { kind: "ghost", id: node.id, left: ++state.ghosts, since };
    from.children = from.children.flatMap((entry) => (entry === node ? (isLeft ? [] : [ghost]) : [entry]));
  }
  parent.children = parent.children.map((entry) => (entry === marker ? node : entry));
  forgetOldest(state, node.id, met);
  node.placed = context.seq;
  node.removed = null;
  node.removers = [];
  return true;
}

/** T13: of more than eight ghosts of a node the oldest goes. */
function forgetOldest(state: State, id: NodeId, met: string[]): void {
  const nodes = everything(state.root);
  const ghosts = nodes.flatMap(({ children }) => children.filter((entry) => entry.kind === "ghost" && entry.id === id));
  if (ghosts.length <= GHOSTS) return;
  met.push("a ghost too many");
  const age = (entry: Entry) => (entry.kind === "ghost" ? entry.left : 0);
  const [oldest] = ghosts.sort((a, b) => age(a) - age(b));
  for (const node of nodes) node.children = node.children.filter((entry) => entry !== oldest);
}

/** The outermost nodes that a test holds for, in document order. What was removed before is not looked into. */
function outermost(nodes: readonly Node[], holds: (node: Node) => boolean): Node[] {
  return nodes.flatMap((node) => (holds(node) ? [node] : outermost(liveAmong(node.children), holds)));
}

/** The nodes of plain data, the top first, level by level, linked up as children already. */
function build(data: NodeData, placed: number, newId: () => NodeId): Node[] {
  const open = ({ id = newId(), type, attrs = {}, children }: NodeData): [Node, readonly NodeData[] | undefined] => {
    return [{ kind: "node", id, type, attrs, placed, removed: null, removers: [], children: [] }, children];
  };
  const list = [open(data)];
  for (const [node, children = []] of list) {
    const opened = children.map(open);
    node.children = opened.map(([child]) => child);
    list.push(...opened);
  }
  return list.map(([node]) => node);
}

function nodesAmong(list: readonly Entry[]): Node[] {
  return list.filter((entry) => entry.kind === "node");
}

function liveAmong(list: readonly Entry[]): Node[] {
  return nodesAmong(list).filter(({ removed }) => removed === null);
}

/** A node and all nodes below it, removed ones too. */
function everything(node: Node): Node[] {
  return [node, ...nodesAmong(node.children).flatMap(everything)];
}

function find(state: State, id: NodeId): Node | undefined {
  return everything(state.root).find((node) => node.id === id);
}

function mustFind(state: State, id: NodeId): Node {
  const node = find(state, id);
  // C13.
  if (!node) throw new Refused("notFound");
  return node;
}

function parentOf(state: State, node: Node): Node | undefined {
  return everything(state.root).find(({ children }) => children.includes(node));
}

/** A node and all it is in, out to the root. */
function ancestry(state: State, node: Node): Node[] {
  const parent = parentOf(state, node);
  return parent ? [node, ...ancestry(state, parent)] : [node];
}

/** A node and all nodes below it that are neither removed nor in anything that is. */
function alive(node: Node): Node[] {
  return [node, ...liveAmong(node.children).flatMap(alive)];
}

function isAlive(state: State, node: Node): boolean {
  return alive(state.root).includes(node);
}

function entryText(entry: Entry): string {
  if (entry.kind === "ghost") return `^${entry.id}`;
  return entry.removed === null ? entry.id : `-${entry.id}`;
}

function outlineOf(node: Node, level: number): string {
  return [outlineLine(level, node), ...liveAmong(node.children).map((child) => outlineOf(child, level + 1))].join("\n");
}
