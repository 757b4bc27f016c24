import { applyEffect } from "./apply.ts";
import type { FlatNode } from "./flat.ts";
import { branch, leveled } from "./links.ts";
import { type NestedNode, nestedText, openText } from "./nested-text.ts";
import { type Attrs, type NodeData, type NodeId, type NodeRecord, type NodeRow, newRecord } from "./node.ts";
import { nodeText } from "./node-text.ts";
import {
  createMapStore,
  type MapStore,
  missing,
  type Places,
  type Provenance,
  type ReadStore,
  type Store,
} from "./store.ts";

/** Nested data as a list: every parent before its children, siblings in order, an id for every node. */
export function flatten(top: NodeData, newId: () => NodeId): FlatNode[] {
  const flat = [flatNode(top, newId, "", null)];
  if (!top.children) return flat;
  const children: (readonly NodeData[] | undefined)[] = [top.children];
  // Breadth first needs no stack: the list is its own queue.
  for (let index = 0; index < flat.length; index++) {
    const parent = flat[index]?.id ?? "";
    let after: NodeId | null = null;
    for (const child of children[index] ?? []) {
      const node = flatNode(child, newId, parent, after);
      flat.push(node);
      children.push(child.children);
      after = node.id;
    }
  }
  return flat;
}

/** The same one by one, in document order: however large the tree, only the path to where it is is held. */
export function* eachFlat(top: NodeData, newId: () => NodeId): Generator<FlatNode> {
  const first = flatNode(top, newId, "", null);
  yield first;
  const path: OpenNode[] = [{ id: first.id, children: top.children ?? [], next: 0, last: null }];
  for (let open = path.at(-1); open; open = path.at(-1)) {
    const child = open.children[open.next++];
    if (!child) {
      path.pop();
      continue;
    }
    const node = flatNode(child, newId, open.id, open.last);
    open.last = node.id;
    yield node;
    if (child.children) path.push({ id: node.id, children: child.children, next: 0, last: null });
  }
}

/** A node whose children are being listed: the index of the next one, and the id of the one before. */
interface OpenNode {
  readonly id: NodeId;
  readonly children: readonly NodeData[];
  next: number;
  last: NodeId | null;
}

function flatNode(data: NodeData, newId: () => NodeId, parent: NodeId, after: NodeId | null): FlatNode {
  return { id: data.id ?? newId(), type: data.type, attrs: data.attrs, parent, after };
}

/** A record for the root of a new tree. */
export function rootRecord(id: NodeId, type: string, attrs: Attrs): NodeRecord {
  return newRecord(id, type, attrs, 0);
}

/**
 * A tree in memory from plain data, marked as placed at seq 0. `toData(fromData(data))` is `data` where ids are given
 * and nothing empty is. Throws if an id stands in it twice.
 */
export function fromData(
  data: NodeData,
  newId: () => NodeId,
  places: Places | null = null,
  provenance: Provenance | null = null,
): MapStore {
  const flat = flatten(data, newId);
  const store = createMapStore(flat[0]?.id ?? "", places, provenance);
  loadFlat(store, flat);
  return store;
}

/** Puts a flattened tree into an empty store. */
export function loadFlat(store: Store, flat: readonly FlatNode[]): void {
  for (const [index, { id, type, attrs = {}, parent, after }] of flat.entries()) {
    if (index > 0) {
      applyEffect(store, { op: "insert", node: { id, type, attrs }, parent, after }, 0);
    } else {
      store.put(rootRecord(id, type, attrs));
      store.size++;
    }
  }
}

/**
 * A tree in memory from the rows of a snapshot, in any order. A row may come twice, when a snapshot was begun anew at
 * the same seq. Throws if they are not one whole tree.
 */
export function fromRows(rows: Iterable<NodeRow>): MapStore {
  const nodes = new Map<NodeId, NodeRecord>();
  let root: NodeId | null = null;
  for (const [id, parent, prev, type, attrs] of rows) {
    if (parent === null && root !== null && root !== id) notOneTree(id);
    nodes.set(id, { ...rootRecord(id, type, attrs), parent, prev });
    if (parent === null) root = id;
  }
  if (root === null) return notOneTree("root");
  const store = createMapStore(root);
  for (const node of nodes.values()) {
    store.put(node);
    if (node.parent === null) continue;
    const parent = nodes.get(node.parent);
    const before = node.prev === null ? null : nodes.get(node.prev);
    // Parent and prev are there, the prev is a sibling, and nobody else stands behind it.
    if (!parent || before === undefined || (before && before.parent !== node.parent)) return notOneTree(node.id);
    if ((before ? before.next : parent.first) !== null) return notOneTree(node.id);
    if (before) before.next = node.id;
    else parent.first = node.id;
  }
  for (const node of nodes.values()) {
    const parent = node.parent === null ? undefined : nodes.get(node.parent);
    if (parent && node.next === null) parent.last = node.id;
  }
  for (const _ of branch(store, root)) store.size++;
  if (store.size < nodes.size) notOneTree(root);
  return store;
}

function notOneTree(id: NodeId): never {
  throw new Error(`the rows of the snapshot are not one tree: look at ${id}`);
}

/** A live node as a snapshot row. */
export function toRow({ id, parent, prev, type, attrs }: Readonly<NodeRecord>): NodeRow {
  return [id, parent, prev, type, attrs];
}

/** Every live node as a snapshot row, parents first. */
export function* toRows(store: ReadStore): Generator<NodeRow> {
  for (const node of branch(store, store.root)) yield toRow(node);
}

/** A node as data without what it contains. */
function ownData({ id, type, attrs }: Readonly<NodeRecord>): { id: NodeId; type: string; attrs?: Attrs } {
  return { id, type, ...(Object.keys(attrs).length > 0 && { attrs }) };
}

/**
 * The subtree of a live node as plain nested data; throws if there is no such node. Levels below `depth` are left out
 * (0 is the node alone); a node cut there that has children carries `truncated: true`.
 */
export function toData(store: ReadStore, id: NodeId = store.root, depth = Number.POSITIVE_INFINITY): NodeData {
  const building = treeOf(store, id, depth);
  for (let step = building.next(); ; step = building.next()) if (step.done) return step.value;
}

/** The same step by step: each node that was added is yielded. The store must read the same until the last one. */
export function* treeOf(store: ReadStore, id: NodeId, depth: number): Generator<Readonly<NodeRecord>, NodeData> {
  type Open = { id: NodeId; type: string; attrs?: Attrs; children?: Open[]; truncated?: true };
  const path: Open[] = [];
  for (const { node, level } of leveled(store, id, (_, at) => at < depth)) {
    const data: Open = ownData(node);
    if (level >= depth && node.first !== null) data.truncated = true;
    path.length = level;
    const parent = path.at(-1);
    if (parent) {
      parent.children ??= [];
      parent.children.push(data);
    }
    path.push(data);
    yield node;
  }
  const [top] = path;
  return top ?? missing(id);
}

/** What `toData` gives as JSON text, a piece a node. The store must read the same until the last piece. */
export function toText(store: ReadStore, id: NodeId, depth = Number.POSITIVE_INFINITY): Generator<string> {
  return nestedText(opened(store, id, depth));
}

function* opened(store: ReadStore, id: NodeId, depth: number): Generator<NestedNode> {
  for (const { node, level } of leveled(store, id, (_, at) => at < depth)) {
    const truncated = level >= depth && node.first !== null;
    yield { open: openText(nodeText(node)), level, truncated };
  }
}
