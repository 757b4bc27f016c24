import {
  type Attrs,
  eachInSubtree,
  type NodeData,
  type NodeId,
  type NodeRecord,
  type ReadStore,
} from "../../src/tree/index.ts";

/** The type of every node that a test does not care about; an outline leaves it out. */
export const PLAIN = "item";

/** One line of an outline: `id`, `id:type`, `id x=1 y="two"`. */
export function outlineLine(level: number, { id, type, attrs }: { id: NodeId; type: string; attrs: Attrs }): string {
  const content = Object.keys(attrs)
    .sort()
    .map((key) => ` ${key}=${JSON.stringify(attrs[key])}`);
  return `${"  ".repeat(level)}${id}${type === PLAIN ? "" : `:${type}`}${content.join("")}`;
}

/** The live tree as indented text, a node a line: failures then read as documents. */
export function outline(store: ReadStore, top: NodeId = store.root): string {
  const levels = new Map<NodeId, number>();
  const lines: string[] = [];
  eachInSubtree(store, top, (node) => {
    const level = node.id === top ? 0 : (levels.get(node.parent ?? "") ?? 0) + 1;
    levels.set(node.id, level);
    lines.push(outlineLine(level, node));
  });
  return lines.join("\n");
}

/** Takes the common indentation off a text, so that outlines can stand indented in a test. */
export function dedent(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin).trimEnd()).join("\n");
}

/** Nested data from an outline of bare ids. */
export function fromOutline(text: string): NodeData {
  type Open = { id: string; type: string; children?: Open[] };
  const path: Open[] = [];
  for (const line of dedent(text).split("\n")) {
    const id = line.trim();
    const node: Open = { id, type: PLAIN };
    path.length = (line.length - id.length) / 2;
    const parent = path.at(-1);
    if (parent) {
      parent.children ??= [];
      parent.children.push(node);
    }
    path.push(node);
  }
  const [root] = path;
  if (!root) throw new Error("an outline has at least a root");
  return root;
}

/** Every field of every record as text, sorted by id: equal texts are equal stores, removed nodes and marks included. */
export function recordsText(size: number, records: Iterable<Readonly<NodeRecord>>): string {
  const lines: string[] = [];
  for (const node of records) {
    const { id, parent, prev, next, first, last, placed, removed, ...rest } = node;
    // The rest operator keeps fields that a later version of the record adds.
    const { type, attrs, ...more } = rest;
    const links = `parent=${parent} prev=${prev} next=${next} first=${first} last=${last}`;
    lines.push(`${outlineLine(0, { id, type, attrs })} | ${links} placed=${placed} removed=${removed} ${fields(more)}`);
  }
  return `size ${size}\n${lines.sort().join("\n")}`;
}

/**
 * What time travel restores (T9), as text: of live nodes everything but what is gone around them, of all others what they
 * are, where they belong, and whether it was they that were removed.
 */
export function treeText(store: ReadStore, records: Iterable<Readonly<NodeRecord>>): string {
  const alive = new Set<NodeId>();
  eachInSubtree(store, store.root, ({ id }) => alive.add(id));
  const lines: string[] = [];
  for (const { id, type, attrs, parent, prev, next, first, last, placed, removed } of records) {
    const links = alive.has(id) ? ` prev=${prev} next=${next} first=${first} last=${last}` : "";
    lines.push(`${outlineLine(0, { id, type, attrs })} | parent=${parent}${links} placed=${placed} removed=${removed}`);
  }
  return `size ${store.size}\n${lines.sort().join("\n")}`;
}

/** The ids of the live children of a node. */
export function childrenOf(store: ReadStore, parent: NodeId = store.root): NodeId[] {
  const children: NodeId[] = [];
  for (let id = store.get(parent)?.first ?? null; id !== null; id = store.get(id)?.next ?? null) children.push(id);
  return children;
}

/** A tree on one line: `root(a b c p(x))`. */
export function inline(text: string): string {
  let line = "";
  let level = 0;
  for (const each of text.split("\n")) {
    const id = each.trim();
    const own = (each.length - id.length) / 2;
    line += own > level ? `(${id}` : `${")".repeat(level - own)} ${id}`;
    level = own;
  }
  return line.trim() + ")".repeat(level);
}

function fields(more: object): string {
  const text = JSON.stringify(more);
  return text === "{}" ? "" : text;
}
