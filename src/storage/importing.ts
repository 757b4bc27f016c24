import { type DocumentOptions, LIMITS } from "../protocol/index.ts";
import { type Attrs, applyEffect, isTooDeep, NO_ATTRS, type NodeId, rootRecord, weighAttrs } from "../tree/index.ts";
import { bornLife, writeLife } from "./life.ts";
import { createNodeRows, FIRST_TOTALS, type NodeRows } from "./nodes.ts";
import type { Tables } from "./tables.ts";

/** A node of a tree that is read in; its siblings come in their order, its parent before it. */
export interface ImportedNode {
  readonly id: NodeId;
  readonly type: string;
  readonly attrs?: Attrs | undefined;
  /** Null, and nothing else, for the first one: the root. */
  readonly parent: NodeId | null;
}

export interface Birth {
  readonly incarnation: string;
  /** A number that nobody outside learns: the places of what is gone are balanced by it. */
  readonly salt: number;
  readonly options: DocumentOptions;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A document that comes into being. Until `finish` it does not exist, whatever happens. */
export interface Importing {
  readonly size: number;
  /** What it takes in storage by now, in bytes. */
  readonly bytes: number;
  /** Says what ids come next, so that they can be looked for together. */
  expect(ids: readonly NodeId[]): void;
  /** Adds a node, or says what is wrong with it. */
  add(node: ImportedNode): ImportProblem | null;
  /** Writes the rest and the head that makes a document of it; throws without a node. */
  finish(birth: Birth): void;
}

export type ImportProblem = "exists" | "notFound" | "root" | "tooDeep";

/** Nodes, and characters of attributes, that are held in memory before they are written. */
const BATCH_NODES = 30_000;
const BATCH_CHARS = 4 * 1024 * 1024;

/** Begins with empty tables: what an import that was broken off has left is dropped. Nodes are written so many at a time. */
export function beginImport(tables: Tables, batch = BATCH_NODES): Importing {
  tables.transaction(() => {
    if (tables.exists()) tables.clear();
    tables.prepare();
  });
  let nodes: NodeRows | null = null;
  let characters = 0;
  const write = (rows: NodeRows) => {
    tables.transaction(() => rows.write());
    rows.written();
    characters = 0;
  };
  return {
    get size() {
      return nodes?.size ?? 0;
    },
    get bytes() {
      return tables.bytes;
    },
    expect: (ids) => nodes?.expect(ids),
    add({ id, type, attrs = NO_ATTRS, parent }) {
      if (!nodes) {
        if (parent !== null) return "root";
        nodes = createNodeRows(tables.nodes, id, FIRST_TOTALS, null, true);
        nodes.put(rootRecord(id, type, attrs));
        return null;
      }
      if (parent === null) return "root";
      if (nodes.get(id)) return "exists";
      const above = nodes.get(parent);
      if (!above) return "notFound";
      if (isTooDeep(nodes, LIMITS.depth, parent, 0, () => 0)) return "tooDeep";
      applyEffect(nodes, { op: "insert", node: { id, type, attrs }, parent, after: above.last }, 0);
      characters += weighAttrs(attrs);
      if (nodes.dirty >= batch || characters >= BATCH_CHARS) write(nodes);
      return null;
    },
    finish({ incarnation, salt, options, now }) {
      if (!nodes) throw new Error("a document has a root");
      const { root } = nodes;
      const totals = nodes.totals();
      tables.transaction(() => {
        nodes?.write();
        tables.meta.put("incarnation", JSON.stringify(incarnation));
        tables.meta.put("salt", JSON.stringify(salt));
        tables.meta.put("checkpoint", JSON.stringify({ seq: 0, time: now, ...totals }));
        writeLife(tables.meta, bornLife(tables.takeRowsWritten()));
        tables.meta.put("document", JSON.stringify({ root, createdAt: now, options }));
      });
    },
  };
}
