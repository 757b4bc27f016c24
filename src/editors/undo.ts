import { type Intent, intentOfInput, intentOfKey } from "./intents.ts";

/** What takes back what was done, and does it again: `createUndo(document)`, or what tells more of it. */
export interface UndoOptions {
  undo(): unknown;
  redo(): unknown;
}

/**
 * Listeners for Ctrl-Z, Ctrl-Shift-Z, Ctrl-Y, with ⌘ as well, and for menus. They give back whether the event was that. The undo of the
 * browser never happens: it knows nothing of what others did.
 */
export function undoListeners({ undo, redo }: UndoOptions) {
  const perform = (intent: Intent | undefined, event: Event): boolean => {
    if (intent !== "undo" && intent !== "redo") return false;
    event.preventDefault();
    if (intent === "undo") undo();
    else redo();
    return true;
  };
  return {
    keydown: (event: KeyboardEvent) => perform(intentOfKey(event), event),
    beforeinput: (event: InputEvent) => perform(intentOfInput(event), event),
  };
}
