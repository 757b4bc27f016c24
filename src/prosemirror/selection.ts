import { TextSelection } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";

/**
 * Takes in where the caret was moved by a key of the browser: an editor hears of that later, and what is dispatched before puts the caret back
 * where it was. To be called before anything is shown that was not done here.
 */
export function readSelection(view: EditorView): void {
  const { selection, doc, tr, storedMarks } = view.state;
  if (!view.hasFocus() || view.composing || storedMarks || !(selection instanceof TextSelection)) return;
  const native = view.dom.ownerDocument.getSelection();
  const { anchorNode, anchorOffset, focusNode, focusOffset } = native ?? {};
  if (!anchorNode || !focusNode || anchorOffset === undefined || focusOffset === undefined) return;
  if (!view.dom.contains(anchorNode) || !view.dom.contains(focusNode)) return;
  // The bias with which ProseMirror reads it itself.
  const $anchor = doc.resolve(view.posAtDOM(anchorNode, anchorOffset, 1));
  const $head = doc.resolve(view.posAtDOM(focusNode, focusOffset, 1));
  if ($anchor.pos === selection.anchor && $head.pos === selection.head) return;
  if ($anchor.parent.inlineContent && $head.parent.inlineContent) {
    view.dispatch(tr.setSelection(new TextSelection($anchor, $head)));
  }
}
