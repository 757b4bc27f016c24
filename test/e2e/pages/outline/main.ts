import { type Anchor, anchor, createUndo, newId, openDocument, textOf, undoTexts } from "durable-grove/client";
import { bindText, type TextBinding } from "durable-grove/dom";

const doc = openDocument(`/documents/${location.hash.slice(1)}`);
const history = createUndo(doc);
undoTexts(doc);
const rows = new Map<string, { element: HTMLElement; binding: TextBinding }>();

function show() {
  const ids = doc.children();
  for (const [id, { element, binding }] of rows) {
    if (ids.includes(id)) continue;
    binding.release();
    element.remove();
    rows.delete(id);
  }
  for (const [index, id] of ids.entries()) {
    const row = rows.get(id) ?? createRow(id);
    rows.set(id, row);
    const { children } = document.body;
    if (children[index] !== row.element) document.body.insertBefore(row.element, children[index] ?? null);
  }
}

function createRow(id: string) {
  const element = document.createElement("div");
  element.contentEditable = "plaintext-only";
  element.style.whiteSpace = "pre-wrap";
  const binding = bindText(element, textOf(doc, id, "text"), {
    onEnter(at) {
      const made = newId();
      doc.mutate((tx) => tx.split(id, "text", at, { id: made, type: "row" }));
      rows.get(made)?.binding.select(0);
    },
    onBackspaceAtStart() {
      const above = doc.children()[doc.children().indexOf(id) - 1];
      if (above === undefined) return;
      const end = textOf(doc, above, "text").value.length;
      doc.mutate((tx) => tx.join(id, above, "text"));
      rows.get(above)?.binding.select(end);
    },
    onUndo: history.undo,
    onRedo: history.redo,
  });
  return { element, binding };
}

/** The caret, which goes along when others split or join its row. */
let caret: Anchor | null = null;
function noteCaret() {
  for (const [id, { binding }] of rows) {
    if (!binding.selected) continue;
    caret?.release();
    caret = anchor(doc, id, "text", binding.selected.end);
  }
}

document.addEventListener("selectionchange", noteCaret);
doc.on("change", ({ source }) => {
  show();
  const at = caret?.at;
  // The browser tells of a caret that goes along with what is typed only later.
  if (source === "local") noteCaret();
  else if (at && !rows.get(at.id)?.binding.selected) rows.get(at.id)?.binding.select(at.index);
});

await doc.loaded;
// Somewhere to type. Whoever else opens the document just now makes the same row, and one of them is refused.
if (doc.children().length === 0) doc.mutate((tx) => tx.insert({ id: "first", type: "row" }, { parent: tx.root }));
