import type { Schema } from "prosemirror-model";
import type { Plugin } from "prosemirror-state";
import type { NodeId, Text, TreeDocument } from "../client/index.ts";
import { createBlocks } from "./blocks.ts";
import { follow } from "./follow.ts";

export interface GroveOptions {
  readonly schema: Schema;
  /** The attribute of blocks that has the id of their row, where their types have it; `id` by default. */
  readonly idAttr?: string | undefined;
  /** With `true` the editor's own undo takes back what others wrote, too. */
  readonly othersInHistory?: boolean | undefined;
}

export interface GroveRowsOptions extends GroveOptions {
  /** The node whose children are the rows; the root by default. */
  readonly parent?: NodeId | undefined;
  /** The attribute of rows that has their text; `text` by default. */
  readonly attr?: string | undefined;
}

/** Makes the blocks of an editor the children of a node, a textblock a row: the document begins as they are, whatever it was made with. */
export function groveRows(document: TreeDocument, options: GroveRowsOptions): Plugin[] {
  const { schema, parent, attr = "text", idAttr = "id", othersInHistory = false } = options;
  return [
    follow({
      document,
      place: { parent, attr },
      tree: { rows: () => document.children(parent), get: (id) => document.get(id), attr },
      blocks: createBlocks({ schema, attr, idAttr }),
      inHistory: othersInHistory,
    }),
  ];
}

/** Makes an editor whose document is one textblock the text of one node. */
export function groveText(text: Text, options: GroveOptions): Plugin[] {
  const { document, id, attr } = text;
  const { schema, idAttr = "id", othersInHistory = false } = options;
  return [
    follow({
      document,
      place: { parent: null, attr },
      tree: { rows: () => (document.get(id) ? [id] : []), get: (row) => document.get(row), attr },
      blocks: createBlocks({ schema, attr, idAttr }),
      inHistory: othersInHistory,
    }),
  ];
}
