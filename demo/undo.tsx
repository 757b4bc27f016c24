import { createUndo } from "durable-grove/client";
import { type TreeDocument, useDocument, useUndo } from "durable-grove/react";
import { type Done, perform } from "./perform.ts";
import { leftOut } from "./words.ts";

type Kind = "undo" | "redo";

/** Takes back what was done here last, or the taking back; says what it had to leave as it is. */
export function takeBack(doc: TreeDocument, kind: Kind): Done {
  const [first] = createUndo(doc)[kind]().skipped;
  return first ? { says: { text: leftOut(first, doc, kind), about: first.id } } : {};
}

export function UndoButtons() {
  const doc = useDocument();
  const { canUndo, canRedo } = useUndo();
  const take = (kind: Kind) => () => perform(doc, takeBack(doc, kind));
  return (
    <span id="undo">
      <button type="button" aria-label="Undo" title="Undo (Ctrl Z)" disabled={!canUndo} onClick={take("undo")}>
        ↶
      </button>
      <button type="button" aria-label="Redo" title="Redo (Ctrl ⇧ Z)" disabled={!canRedo} onClick={take("redo")}>
        ↷
      </button>
    </span>
  );
}
