import type { Target } from "durable-grove/client";
import type { NodeId, Transaction, TreeNode } from "durable-grove/react";

/** What a row shows of its node: the attribute `text`, or else `name`; a node made elsewhere may have neither. */
const SHOWN = ["text", "name"];
const LONGEST = 100_000;

/** The attribute that a row shows, if there is one: only text can be edited here. */
export function shownKey({ attrs }: TreeNode): string | undefined {
  return SHOWN.find((key) => typeof attrs[key] === "string");
}

/** The attribute that is edited: a node that shows nothing gets a `text`. */
export function editedKey(node: TreeNode | undefined): string {
  return (node && shownKey(node)) ?? "text";
}

export function shownText(node: TreeNode | undefined): string {
  const key = node && shownKey(node);
  return key === undefined ? "" : String(node?.attrs[key]);
}

export function isTooLong(length: number): boolean {
  return length > LONGEST;
}

export function insertRow(tx: Transaction, row: { readonly id: NodeId; readonly text: string }, target: Target): void {
  tx.insert({ id: row.id, type: "row", attrs: { text: row.text } }, target);
}
