import { EXPIRED } from "./expired.ts";
import { ghostOf, parseGone, type Sibling, siblings, standingOf } from "./gaps.ts";
import { branch } from "./links.ts";
import type { Gone, NodeId, NodeRecord } from "./node.ts";
import type { ReadStore, Store } from "./store.ts";

type Records = ReadonlyMap<NodeId, Readonly<NodeRecord>>;

/**
 * Walks every invariant of a tree and lists what is wrong: an empty list means a sound tree. `records` are all records
 * of the store, removed ones included. Costs the whole tree; it is for tests and for looking into a damaged document.
 */
export function checkTree(
  store: ReadStore & Partial<Pick<Store, "uncounted">>,
  records: Iterable<Readonly<NodeRecord>>,
): string[] {
  const problems: string[] = [];
  const all = new Map<NodeId, Readonly<NodeRecord>>();
  for (const record of records) all.set(record.id, record);
  const root = all.get(store.root);
  if (!root) return [`there is no root ${store.root}`];
  if (root.removed !== null) problems.push("the root is removed");
  if (root.parent !== null || root.prev !== null || root.next !== null) problems.push("the root has a place");

  const linked = new Set<NodeId>([store.root]);
  let buried = 0;
  for (const node of all.values()) {
    if (node.removed !== null && node.first !== null) buried++;
    checkChildren(node, all, linked, problems);
    if (node.parent === null) {
      if (node.id !== store.root) problems.push(`${node.id} has no parent and is not the root`);
      // What was removed once more, and expired with what it stood in, may outlive that for a while.
    } else if (!all.has(node.parent) && node.removed !== EXPIRED)
      problems.push(`${node.id} has the unknown parent ${node.parent}`);
  }
  for (const node of all.values()) {
    if (node.removed === null && !linked.has(node.id)) problems.push(`${node.id} is not removed but in no list`);
    if (node.removed !== null && linked.has(node.id)) problems.push(`${node.id} is removed and in a list of children`);
  }
  if (buried !== store.buried) problems.push(`${store.buried} removed nodes are to have children, ${buried} have`);
  checkAncestors(store.root, all, problems);
  // Before what follows walks through it.
  if (problems.length > 0) return problems;
  checkSize(store, all, problems);
  checkGone(store, all, problems);
  return problems;
}

/** The list of children: doubly linked, ended by first and last, each child pointing back. */
function checkChildren(node: Readonly<NodeRecord>, all: Records, linked: Set<NodeId>, problems: string[]): void {
  let prev: NodeId | null = null;
  for (let id = node.first; id !== null; ) {
    const child = all.get(id);
    if (!child) return void problems.push(`${node.id} has the unknown child ${id}`);
    if (linked.has(id)) return void problems.push(`${id} is listed twice`);
    linked.add(id);
    if (child.parent !== node.id) problems.push(`${id} is listed under ${node.id} but has the parent ${child.parent}`);
    if (child.prev !== prev) problems.push(`${id} follows ${prev} but points back at ${child.prev}`);
    prev = id;
    id = child.next;
  }
  if (node.last !== prev) problems.push(`the last child of ${node.id} is ${prev}, not ${node.last}`);
}

/** The size is what can be reached from the root, and what is not counted out of it yet. */
function checkSize(store: ReadStore & Partial<Pick<Store, "uncounted">>, all: Records, problems: string[]): void {
  const sizeOf = (top: NodeId) => [...branch(store, top)].length;
  let expected = sizeOf(store.root);
  for (const { id, removed, order } of all.values()) {
    if (removed === null) {
      if (order && order.counted > 0) problems.push(`${id} is counted out and not removed`);
    } else if (order && order.counted > 0) {
      const size = sizeOf(id);
      // What is being deleted may be half gone.
      if (order.counted !== size && removed !== EXPIRED)
        problems.push(`${id} is counted as ${order.counted} nodes, there are ${size}`);
    } else if (store.uncounted?.has(id)) expected += sizeOf(id);
    else problems.push(`${id} is removed and nobody will count it`);
  }
  if (expected !== store.size) problems.push(`size says ${store.size}, there are ${expected} nodes`);
}

/** Everything that is gone and has a place stands there once. */
function checkGone(store: ReadStore, all: Records, problems: string[]): void {
  const standing = new Set<string>();
  for (const { id: parent, order } of all.values()) {
    checkTop(store, parent, null, order?.lead ?? null, problems);
    for (const sibling of inOrder(store, parent, problems)) {
      const { id, is } = sibling;
      if (is === "alive") {
        checkTop(store, parent, id, all.get(id)?.order?.gap ?? null, problems);
        continue;
      }
      const what = nameOf(parent, sibling);
      if (standing.has(what)) problems.push(`${what} stands twice`);
      standing.add(what);
    }
  }
  const expectThere = (what: string) => {
    if (!standing.delete(what)) problems.push(`${what} is not where it should be`);
  };
  for (const { id, parent, removed, order } of all.values()) {
    if (order?.spot && removed === null) problems.push(`${id} has the place of a removed node`);
    if (order?.spot) expectThere(`removed ${id} under ${parent}`);
    for (const ghost of order?.ghosts ?? [])
      if (all.has(ghost.parent)) expectThere(nameOf(ghost.parent, parseGone(ghostOf(id, ghost))));
  }
  for (const each of standing) problems.push(`${each} stands there and does not know`);
}

function nameOf(parent: NodeId, { is, id, since, of }: Pick<Sibling, "is" | "id" | "since" | "of">): string {
  return `${is} ${id} under ${parent}${since === null ? "" : ` since ${since}`}${of === undefined ? "" : ` of ${of}`}`;
}

/** What is damaged may name what is not there. */
function inOrder(store: ReadStore, parent: NodeId, problems: string[]): Sibling[] {
  try {
    return siblings(store, parent);
  } catch (error) {
    problems.push(`under ${parent}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** The top of a gap says whose gap it is. */
function checkTop(store: ReadStore, parent: NodeId, after: NodeId | null, top: Gone | null, problems: string[]): void {
  const spot = top === null ? undefined : standingOf(store, parent, top);
  if (!spot) return;
  if (spot.up !== null || spot.behind !== after)
    problems.push(`${top} under ${parent} says it is behind ${spot.behind}`);
}

/** From every node, removed ones too, the parents lead to the root: where a node stood can always be told. */
function checkAncestors(root: NodeId, all: Records, problems: string[]): void {
  const grounded = new Set<NodeId>([root]);
  for (const start of all.keys()) {
    const path = new Set<NodeId>();
    let id: NodeId | null = start;
    while (id !== null && !grounded.has(id) && !path.has(id)) {
      path.add(id);
      id = all.get(id)?.parent ?? null;
    }
    if (id !== null && path.has(id)) problems.push(`${start} is inside itself, or inside a node that is`);
    for (const each of path) grounded.add(each);
  }
}
