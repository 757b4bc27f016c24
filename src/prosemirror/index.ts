import type { Schema } from "prosemirror-model";
import { Plugin } from "prosemirror-state";
import { type NodeId, type Text, type TreeDocument, undoTexts } from "../client/index.ts";
import type { CaretOptions } from "../editors/carets.ts";
import { type UndoOptions, undoListeners } from "../editors/undo.ts";
import { createBlocks } from "./blocks.ts";
import { carets } from "./carets.ts";
import { type FollowSetup, follow } from "./follow.ts";
import type { MarkKeys } from "./marks.ts";

export type { CaretOptions, Told } from "../editors/carets.ts";
export type { UndoOptions } from "../editors/undo.ts";

export interface GroveOptions {
  readonly schema: Schema;
  /** Shows the carets and selections of the others, and tells them one's own by presence. */
  readonly presence?: boolean | CaretOptions | undefined;
  /** The attribute of blocks that has the id of their row, where their types have it; `id` by default. */
  readonly idAttr?: string | undefined;
  /** What Ctrl-Z and Ctrl-Y do here: `createUndo(document)`. Without it they are your own affair. */
  readonly undo?: UndoOptions | undefined;
  /** With `true` the editor's own undo takes back what others wrote, too. */
  readonly othersInHistory?: boolean | undefined;
  /** The keys that types of marks have in texts; by default their names. */
  readonly marks?: MarkKeys | undefined;
}

export interface GroveRowsOptions extends GroveOptions {
  /** The node whose children are the rows; the root by default. */
  readonly parent?: NodeId | undefined;
  /** The attribute of rows that has their text; `text` by default. */
  readonly attr?: string | undefined;
}

/**
 * Makes the blocks of an editor the children of a node, a textblock a row: the editor begins with them, whatever document it was made with.
 * Throws a RangeError where an empty document of the schema does not begin with a textblock.
 */
export function groveRows(document: TreeDocument, { parent, attr = "text", ...options }: GroveRowsOptions): Plugin[] {
  const tree = { rows: () => document.children(parent), get: document.get, attr };
  return pluginsOf(document, { parent, attr }, tree, options);
}

/** Makes the one textblock of an editor the text of a node; to split it is not let in. */
export function groveText({ document, id, attr }: Text, options: GroveOptions): Plugin[] {
  const tree = { rows: () => (document.get(id) ? [id] : []), get: document.get, attr };
  return pluginsOf(document, { parent: null, attr }, tree, options);
}

function pluginsOf(
  document: TreeDocument,
  place: FollowSetup["place"],
  tree: FollowSetup["tree"],
  { schema, presence, undo, idAttr = "id", othersInHistory = false, marks }: GroveOptions,
): Plugin[] {
  undoTexts(document);
  const blocks = createBlocks({ schema, attr: place.attr, idAttr, marks });
  const shown = presence ? [carets(document, place.attr, presence === true ? {} : presence)] : [];
  const keys = undo ? [undoKeys(undo)] : [];
  return [follow({ document, place, tree, blocks, inHistory: othersInHistory }), ...shown, ...keys];
}

function undoKeys(undo: UndoOptions): Plugin {
  const { keydown, beforeinput } = undoListeners(undo);
  return new Plugin({
    props: {
      handleKeyDown: (_, event) => keydown(event),
      handleDOMEvents: { beforeinput: (_, event) => beforeinput(event) },
    },
  });
}
