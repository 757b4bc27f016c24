import { type Extension, Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Text, undoTexts } from "../client/index.ts";
import type { CaretOptions } from "../editors/carets.ts";
import { type UndoOptions, undoListeners } from "../editors/undo.ts";
import { carets } from "./carets.ts";
import { follow } from "./follow.ts";
import { EXACT_LINES } from "./lines.ts";

export type { CaretOptions, Told } from "../editors/carets.ts";
export type { UndoOptions } from "../editors/undo.ts";

export interface GroveTextOptions {
  /** Shows the carets and selections of the others, and tells them one's own by presence. */
  readonly presence?: boolean | CaretOptions | undefined;
  /** What Ctrl-Z and Ctrl-Y do here: `createUndo(document)`. Without it they are your own affair. */
  readonly undo?: UndoOptions | undefined;
  /** With `true` the editor's own undo takes back what others wrote, too. */
  readonly othersInHistory?: boolean | undefined;
}

/** Makes the document of an editor one text, which others edit, too: the editor begins with it, whatever `doc` it was made with. */
export function groveText(text: Text, { presence, undo, othersInHistory = false }: GroveTextOptions = {}): Extension {
  undoTexts(text.document);
  const shown = presence ? carets(text, presence === true ? {} : presence) : [];
  const keys = undo ? Prec.high(EditorView.domEventHandlers(undoListeners(undo))) : [];
  return [EXACT_LINES, follow(text, othersInHistory), shown, keys];
}
