// A text that several people edit in CodeMirror: npm start, and in another terminal npm run examples.

import { defaultKeymap, insertNewline } from "@codemirror/commands";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { createUndo, newId, openDocument, textOf } from "durable-grove/client";
import { groveText } from "durable-grove/codemirror";

const { hash, searchParams } = new URL(location.href);
const id = hash.slice(1) || "codemirror";
const me = searchParams.get("name") ?? `Guest ${newId().slice(0, 4)}`;

const doc = openDocument(`/documents/${id}`);
const undo = createUndo(doc);
await doc.loaded;

// The text of the root. It could be that of any node: a cell, a field of a form, a file.
const text = textOf(doc, doc.root ?? "", "text");

const view = new EditorView({
  parent: document.querySelector("main") ?? document.body,
  extensions: [
    groveText(text, {
      undo,
      presence: { tell: (told) => doc.presence.set({ name: me, ...told }) },
    }),
    lineNumbers(),
    drawSelection(),
    EditorView.lineWrapping,
    keymap.of([{ key: "Enter", run: insertNewline }, ...defaultKeymap]),
  ],
});
view.focus();

const status = document.querySelector("#status");
doc.on("status", ({ state }) => {
  if (status) status.textContent = state;
});
doc.on("rejected", ({ message }) => {
  if (status) status.textContent = message;
});
