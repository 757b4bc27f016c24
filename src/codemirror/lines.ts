import { EditorState, type Extension, Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/**
 * One unit a line break, and nothing normalised: left alone, CodeMirror would take `\r\n` and `\r` for line breaks as well, forget which they
 * were, and count `\r\n` as one. A `\r` in the text stays where it is, a character as others; what is pasted and dropped has none.
 */
export const EXACT_LINES: Extension = [
  Prec.highest(EditorState.lineSeparator.of("\n")),
  EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, "\n")),
];
