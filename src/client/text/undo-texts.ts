import type { TreeDocument } from "../document.ts";
import { internalsOf } from "../internals.ts";
import { createRetrace } from "./retrace.ts";
import { textsOf } from "./texts.ts";

/**
 * Shows at once what undo and redo do to texts, offline as well; else that is seen when the server has answered. What binds an editor calls
 * it. What the page has not seen itself, as before a reload, is seen then all the same.
 */
export function undoTexts(document: TreeDocument): void {
  textsOf(document);
  internalsOf(document).whenRunning(({ replica }) => replica.merging?.foresee(createRetrace(), replica.pending));
}
