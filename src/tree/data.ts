import { applyEffect } from "./apply.ts";
import { eachInSubtree, following } from "./links.ts";
import { type Attrs, type NodeData, type NodeId, type NodeRecord, type NodeRow, newRecord } from "./node.ts";
import { createMapStore, type MapStore, mustGet, type ReadStore, type Store } from "./store.ts";

/** One node of a flattened tree. The top's `parent` is "" and means nothing. */
export interface FlatNode {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs?: Attrs | undefined;
  readonly parent: NodeId;
  readonly after: NodeId | null;
}

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
export function fromData(data: NodeData, newId: () => NodeId): MapStore {
  const flat = flatten(data, newId);
  const store = createMapStore(flat[0]?.id ?? "");
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
  eachInSubtree(store, root, () => store.size++);
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
  for (let node = store.get(store.root); node; node = following(store, store.root, node)) yield toRow(node);
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
  type Open = { id: NodeId; type: string; attrs?: Attrs; children?: Open[]; truncated?: true };
  let node: Readonly<NodeRecord> = mustGet(store, id);
  const top: Open = ownData(node);
  const path: Open[] = [top];
  for (;;) {
    const cut = path.length > depth;
    const here = path.at(-1);
    if (cut && here && node.first !== null) here.truncated = true;
    const next = following(store, id, node, cut);
    if (!next) return top;
    while (path.at(-1)?.id !== next.parent) path.pop();
    const parent = path.at(-1);
    if (!parent) throw new Error(`${next.id} is not below ${id}`);
    const data: Open = ownData(next);
    parent.children ??= [];
    parent.children.push(data);
    path.push(data);
    node = next;
  }
}

/**
 * What `toData` gives as JSON text, in pieces and without recursion (JSON.stringify overflows the stack on a deep tree).
 */
export function* toText(store: ReadStore, id: NodeId, depth = Number.POSITIVE_INFINITY): Generator<string> {
  let node = mustGet(store, id);
  let level = 0;
  for (;;) {
    const text = JSON.stringify(ownData(node)).slice(0, -1);
    const deeper = node.first !== null && level < depth;
    if (deeper) {
      yield `${text},"children":[`;
      level++;
      node = mustGet(store, node.first ?? "");
      continue;
    }
    yield node.first === null ? `${text}}` : `${text},"truncated":true}`;
    while (node.id !== id && node.next === null) {
      yield "]}";
      level--;
      node = mustGet(store, node.parent ?? "");
    }
    if (node.id === id) return;
    yield ",";
    node = mustGet(store, node.next ?? "");
  }
}
