import type { NodeId, Transaction, TreeNode } from "durable-grove/react";

/** What a row shows of its node: the attribute `text`, or else `name`; a node made elsewhere may have neither. */
const SHOWN = ["text", "name"];
const LONGEST = 100_000;

/** The attribute that a row shows, if there is one: only text can be edited here. */
export function shownKey({ attrs }: TreeNode): string | undefined {
  return SHOWN.find((key) => typeof attrs[key] === "string");
}

export function textOf(node: TreeNode | undefined): string {
  const key = node && shownKey(node);
  return key === undefined ? "" : String(node?.attrs[key]);
}

/** Writes what is shown; a node that shows nothing gets a `text`. */
export function setTextOf(tx: Transaction, id: NodeId, text: string): void {
  const node = tx.get(id);
  tx.update(id, { attrs: { [(node && shownKey(node)) ?? "text"]: text } });
}

export function isTooLong(text: string): boolean {
  return text.length > LONGEST;
}

/** A new row below another, or below the new one that came before it there; the title has it as its first child. */
export function insertRow(tx: Transaction, id: NodeId, row: { id: NodeId; text: string }, newer?: NodeId): void {
  const parent = tx.parent(id) ?? null;
  const place = parent === null ? { parent: id, after: newer ?? null } : { parent, after: newer ?? id };
  tx.insert({ id: row.id, type: "row", attrs: { text: row.text } }, place);
}
