import { newId, newRow } from "./keys.js";
import { edit } from "./rows.js";

/**
 * What pasting several lines into a row does, in the way of keys: the first goes into the row, each other becomes a row
 * below it, and what stood behind the caret stands behind the last. A single line is left to the browser.
 */
export function paste(tree, id, { value, selectionStart, selectionEnd }, pasted) {
  if (!/[\r\n]/.test(pasted)) return undefined;
  const [first = "", ...others] = pasted.split(/[\r\n]+/).flatMap((line) => line.trim() || []);
  const rows = others.map((text) => ({ id: newId(), text }));
  const head = { id, text: value.slice(0, selectionStart) + first };
  const last = rows.at(-1) ?? head;
  const caret = last.text.length;
  last.text += value.slice(selectionEnd);
  const inserts = rows.map((row, index) => newRow(tree, id, row, rows[index - 1]?.id));
  return { operations: [edit(tree.get(id), head.text), ...inserts], focus: last.id, caret };
}
