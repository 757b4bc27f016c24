import type { NodeId, TreeDocument } from "durable-grove/react";
import { caretIn } from "./focus.ts";
import { perform } from "./perform.ts";
import type { Remembered } from "./remembered.ts";
import { editedKey } from "./rows.ts";
import type { Toast } from "./toasts.tsx";
import { removalOfOurs } from "./words.ts";

/** The row of the user is gone: what he goes on typing is kept, and comes back with it. */
export function lost(doc: TreeDocument, id: NodeId, nearest: NodeId, remembered: Remembered): Toast {
  const remover = remembered.remover(id);
  const text = remembered.text(id);
  const at = Math.min(caretIn(id), text.length);
  const chosen = (written: string) =>
    perform(doc, {
      change(tx) {
        const { top = id, parent = tx.root } = remover ?? {};
        if (!tx.get(id)) tx.move(top, { parent, after: nearest === parent ? null : nearest });
        if (written) tx.edit(id, editedKey(tx.get(id)), at > 0 ? [at, written] : [written]);
      },
      focus: id,
      caret: at + written.length,
    });
  return {
    text: removalOfOurs(text, remover ? remembered.nameOf(remover.event) : "somebody else"),
    about: id,
    action: { label: "Bring it back", chosen },
    takesText: true,
  };
}
