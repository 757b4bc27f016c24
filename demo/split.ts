import { newId } from "durable-grove/client";
import type { NodeId, TreeDocument } from "durable-grove/react";
import type { Done } from "./perform.ts";
import { editedKey, insertRow, shownText } from "./rows.ts";

/**
 * Splits a row at a caret, so that what is read stays in its order: the children of a row stay behind all of its text, and at its
 * beginning a new row comes before it. The title is never split.
 */
export function split(doc: TreeDocument, id: NodeId, at: number): Done {
  const row = { id: newId(), type: "row" };
  const node = doc.get(id);
  const text = shownText(node);
  const isParent = doc.children(id).length > 0;
  if (doc.parent(id) === null || (isParent && at === text.length)) {
    return { change: (tx) => insertRow(tx, { id: row.id, text: "" }, { parent: id, after: null }), focus: row.id };
  }
  const head = text !== "" && (at === 0 || isParent);
  return {
    change: (tx) => void tx.split(id, editedKey(node), at, row, { head }),
    focus: head ? id : row.id,
    caret: 0,
  };
}
