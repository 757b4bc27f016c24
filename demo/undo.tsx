import { createUndo } from "durable-grove/client";
import { type TreeDocument, useDocument, useUndo } from "durable-grove/react";
import { useSyncExternalStore } from "react";
import { takeBackEvent } from "./history/actions.ts";
import { type Done, perform } from "./perform.ts";
import { type Kind, stepsOf } from "./steps.ts";
import { leftOut } from "./words.ts";

/** Takes back what was done here last, or the taking back; says what it had to leave as it is. */
export function takeBack(doc: TreeDocument, kind: Kind): Done {
  const own = createUndo(doc);
  const step = stepsOf(doc).take(kind, kind === "undo" ? own.canUndo : own.canRedo);
  if (typeof step === "number") void takeBackEvent(doc, kind, step);
  if (step !== "own") return {};
  const [first] = own[kind]().skipped;
  return first ? { says: { text: leftOut(first, doc, kind), about: first.id } } : {};
}

export function UndoButtons() {
  const doc = useDocument();
  const { canUndo, canRedo } = useUndo();
  const steps = stepsOf(doc);
  const mayUndo = useSyncExternalStore(steps.subscribe, () => steps.has("undo", canUndo));
  const mayRedo = useSyncExternalStore(steps.subscribe, () => steps.has("redo", canRedo));
  const take = (kind: Kind) => () => perform(doc, takeBack(doc, kind));
  return (
    <span id="undo">
      <button type="button" aria-label="Undo" title="Undo (Ctrl Z)" disabled={!mayUndo} onClick={take("undo")}>
        ↶
      </button>
      <button type="button" aria-label="Redo" title="Redo (Ctrl ⇧ Z)" disabled={!mayRedo} onClick={take("redo")}>
        ↷
      </button>
    </span>
  );
}
