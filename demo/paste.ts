import { newId } from "durable-grove/client";
import type { NodeId, TreeDocument } from "durable-grove/react";
import type { Done } from "./perform.ts";
import { editedKey, insertRow, isTooLong, shownText } from "./rows.ts";
import { TOO_LONG } from "./words.ts";

/**
 * What pasting several lines into a row comes to: the first goes into the row, each other becomes a row below it, and what
 * stood behind the caret stands behind the last. The title has them as its first children, and keeps what is behind the caret.
 */
export function paste(doc: TreeDocument, id: NodeId, pasted: readonly string[], at: number): Done {
  const node = doc.get(id);
  const [key, text] = [editedKey(node), shownText(node)];
  const [first = "", ...lines] = pasted.flatMap((line) => line.trim() || []);
  const rows = lines.map((line) => ({ id: newId(), text: line }));
  const last = rows.at(-1);
  const isTitle = doc.parent(id) === null;
  if (!first) return {};
  const goesOn = isTitle ? 0 : lines.length;
  const lengthAt = (line: string, index: number) =>
    line.length + (index === 0 ? at : 0) + (index === goesOn ? text.length - at : 0);
  if ([first, ...lines].map(lengthAt).some((length) => isTooLong(length))) return { says: { text: TOO_LONG } };
  return {
    change(tx) {
      tx.edit(id, key, at > 0 ? [at, first] : [first]);
      if (last && !isTitle) {
        tx.split(id, key, at + first.length, { id: last.id, type: "row" });
        tx.edit(last.id, key, [last.text]);
      }
      const parent = (isTitle ? id : tx.parent(id)) ?? id;
      const others = isTitle ? rows : rows.slice(0, -1);
      for (const [index, row] of others.entries()) {
        insertRow(tx, row, { parent, after: others[index - 1]?.id ?? (isTitle ? null : id) });
      }
    },
    focus: last?.id ?? id,
    caret: last ? last.text.length : at + first.length,
  };
}
