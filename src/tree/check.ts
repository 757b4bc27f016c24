import type { NodeId, NodeRecord } from "./node.ts";
import type { ReadStore } from "./store.ts";

/**
 * Walks every invariant of a tree and lists what is wrong: an empty list means a sound tree. `records` are all records
 * of the store, removed ones included. Costs the whole tree; it is for tests and for looking into a damaged document.
 */
export function checkTree(store: ReadStore, records: Iterable<Readonly<NodeRecord>>): string[] {
  const problems: string[] = [];
  const all = new Map<NodeId, Readonly<NodeRecord>>();
  for (const record of records) all.set(record.id, record);
  const root = all.get(store.root);
  if (!root) return [`there is no root ${store.root}`];
  if (root.removed !== null) problems.push("the root is removed");
  if (root.parent !== null || root.prev !== null || root.next !== null) problems.push("the root has a place");

  const linked = new Set<NodeId>([store.root]);
  let live = 0;
  for (const node of all.values()) {
    if (node.removed === null) live++;
    checkChildren(node, all, linked, problems);
    if (node.parent === null) {
      if (node.id !== store.root) problems.push(`${node.id} has no parent and is not the root`);
    } else if (!all.has(node.parent)) problems.push(`${node.id} has the unknown parent ${node.parent}`);
  }
  for (const node of all.values()) {
    if (node.removed === null && !linked.has(node.id)) problems.push(`${node.id} is alive but in no list of children`);
  }
  checkReachable(store.root, all, live, problems);
  checkAncestors(store.root, all, problems);
  if (live !== store.size) problems.push(`size says ${store.size}, there are ${live} live nodes`);
  return problems;
}

/** The list of children: doubly linked, ended by first and last, each child pointing back, all alive or all removed. */
function checkChildren(
  node: Readonly<NodeRecord>,
  all: ReadonlyMap<NodeId, Readonly<NodeRecord>>,
  linked: Set<NodeId>,
  problems: string[],
): void {
  let prev: NodeId | null = null;
  for (let id = node.first; id !== null; ) {
    const child = all.get(id);
    if (!child) return void problems.push(`${node.id} has the unknown child ${id}`);
    if (linked.has(id)) return void problems.push(`${id} is listed twice`);
    linked.add(id);
    if (child.parent !== node.id) problems.push(`${id} is listed under ${node.id} but has the parent ${child.parent}`);
    if (child.prev !== prev) problems.push(`${id} follows ${prev} but points back at ${child.prev}`);
    if (child.removed !== node.removed) problems.push(`${id} (${child.removed}) under ${node.id} (${node.removed})`);
    prev = id;
    id = child.next;
  }
  if (node.last !== prev) problems.push(`the last child of ${node.id} is ${prev}, not ${node.last}`);
}

/** With every live node listed once, reaching as many as there are means that there is no cycle beside the tree. */
function checkReachable(
  root: NodeId,
  all: ReadonlyMap<NodeId, Readonly<NodeRecord>>,
  live: number,
  problems: string[],
): void {
  const reached = new Set<NodeId>([root]);
  const queue = [root];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (let child = all.get(id)?.first ?? null; child !== null; child = all.get(child)?.next ?? null) {
      if (reached.has(child)) break;
      reached.add(child);
      queue.push(child);
    }
  }
  if (reached.size !== live) problems.push(`${reached.size} nodes can be reached from the root, ${live} are alive`);
}

/** From every node, removed ones too, the parents lead to the root: where a node stood can always be told. */
function checkAncestors(root: NodeId, all: ReadonlyMap<NodeId, Readonly<NodeRecord>>, problems: string[]): void {
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
