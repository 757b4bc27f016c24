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

function fields(more: object): string {
  const text = JSON.stringify(more);
  return text === "{}" ? "" : text;
}
