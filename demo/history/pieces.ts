import type { DiffNode } from "durable-grove/history";
import type { TreeNode } from "durable-grove/react";
import { shownKey, shownText } from "../rows.ts";
import type { Changes } from "./moment.ts";
import { type Author, authorOf } from "./names.ts";

/** A part of a text: as it was, or put there or taken away by somebody. */
export interface Piece {
  readonly is: "kept" | "put" | "gone";
  readonly text: string;
  readonly author?: Author | undefined;
}

/** A row, by what differs in it. */
export interface ShownChange {
  readonly pieces: readonly Piece[];
  /** What else has happened to it, in words. */
  readonly notes: readonly string[];
  /** Whose doing it is as a whole: who has put it there, or moved it, or changed it last. */
  readonly author: Author | undefined;
  /** It was not there, and with it what stands in it and is not told by itself. */
  readonly isNew: boolean;
}

/** What a row shows of what differs in it; null: nothing does. What came with the row that it stands in is told by that alone; what is not there `stays` or goes. */
export function changeOf(
  node: TreeNode,
  { nodes, authors }: Changes,
  { above, stays }: { readonly above: ShownChange | null; readonly stays: boolean },
): ShownChange | null {
  const diff = nodes.get(node.id);
  if (!diff) return above?.isNew ? newRow(shownText(node), above.author) : null;
  const by = (seq: number | null | undefined) => {
    const made = typeof seq === "number" ? authors[seq] : undefined;
    return made && typeof seq === "number" ? authorOf({ ...made, seq }) : undefined;
  };
  const text = shownText(node);
  const whole = by(diff.placed ?? diff.written) ?? by(diff.written);
  if (diff.is === "moved" || diff.is === "changed")
    return { pieces: piecesOf(node, diff, by), notes: notesOf(node, diff), author: whole, isNew: false };
  if (diff.is === "inserted") return newRow(text, whole);
  const pieces: Piece[] = [{ is: stays ? "kept" : "gone", text, author: whole }];
  return { pieces, notes: stays ? ["came since, stays"] : [], author: whole, isNew: false };
}

function newRow(text: string, author: Author | undefined): ShownChange {
  return { pieces: [{ is: "put", text, author }], notes: [], author, isNew: true };
}

type ChangedNode = DiffNode & { readonly is: "moved" | "changed" };

function piecesOf(
  node: TreeNode,
  { texts, attrs, by, written }: ChangedNode,
  authorBy: (seq: number | null | undefined) => Author | undefined,
): readonly Piece[] {
  const key = shownKey(node) ?? "text";
  const edited = texts?.[key];
  if (edited) {
    let at = 0;
    const pieces = edited.changes.map((change, index): Piece => {
      const author = authorBy(by?.[key]?.[index] ?? written);
      if (typeof change === "string") return { is: "put", text: change, author };
      const text = edited.from.slice(at, at + Math.abs(change));
      at += Math.abs(change);
      return change > 0 ? { is: "kept", text } : { is: "gone", text, author };
    });
    return [...pieces, { is: "kept", text: edited.from.slice(at) }];
  }
  const replaced = attrs?.[key];
  if (!replaced) return [{ is: "kept", text: shownText(node) }];
  const author = authorBy(written);
  const textOf = (value: unknown) => (typeof value === "string" ? value : "");
  const pieces: Piece[] = [
    { is: "gone", text: textOf(replaced.from), author },
    { is: "put", text: textOf(replaced.to), author },
  ];
  return pieces.filter(({ text }) => text !== "");
}

function notesOf(node: TreeNode, { is, attrs = {}, type }: ChangedNode): string[] {
  const others = Object.keys(attrs).filter((key) => key !== shownKey(node) && !key.includes(":"));
  return [...(is === "moved" ? ["moved"] : []), ...(type ? ["type"] : []), ...others];
}

/** The ids of children in order, with what is gone where it stood: behind the sibling that it stood behind, if that is there. */
export function withGone(children: readonly string[], gone: readonly DiffNode[]): readonly string[] {
  if (gone.length === 0) return children;
  const behind = new Map<string | null, string[]>();
  const known = new Set([...children, ...gone.map(({ id }) => id)]);
  for (const node of gone) {
    const after = "after" in node && node.after !== null && known.has(node.after) ? node.after : null;
    behind.set(after, [...(behind.get(after) ?? []), node.id]);
  }
  const list: string[] = [];
  const todo = [...(behind.get(null) ?? []), ...children].toReversed();
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    list.push(id);
    todo.push(...(behind.get(id) ?? []).toReversed());
  }
  return list;
}
