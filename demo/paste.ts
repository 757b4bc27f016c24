import type { NodeId } from "durable-grove/react";
import type { Done } from "./perform.ts";
import { insertRow, isTooLong, setTextOf } from "./rows.ts";
import { TOO_LONG } from "./words.ts";

/**
 * What pasting several lines into a row comes to: the first goes into the row, each other becomes a row below it, and
 * what stood behind the caret stands behind the last. A single line is left to the browser.
 */
export function paste(id: NodeId, area: HTMLTextAreaElement, pasted: string): Done | undefined {
  if (!/[\r\n]/.test(pasted)) return undefined;
  const { value, selectionStart, selectionEnd } = area;
  const [first = "", ...others] = pasted.split(/[\r\n]+/).flatMap((line) => line.trim() || []);
  const head = { id, text: value.slice(0, selectionStart) + first };
  const rows = others.map((text) => ({ id: crypto.randomUUID(), text }));
  const last = rows.at(-1) ?? head;
  const caret = last.text.length;
  last.text += value.slice(selectionEnd);
  if ([head, ...rows].some(({ text }) => isTooLong(text))) return { says: { text: TOO_LONG } };
  return {
    change(tx) {
      setTextOf(tx, id, head.text);
      for (const [index, row] of rows.entries()) insertRow(tx, id, row, rows[index - 1]?.id);
    },
    focus: last.id,
    caret,
  };
}
