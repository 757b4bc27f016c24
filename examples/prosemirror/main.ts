// Rows that several people edit in ProseMirror: npm start, and in another terminal npm run examples.

import { createUndo, newId, openDocument } from "durable-grove/client";
import { groveRows } from "durable-grove/prosemirror";
import { baseKeymap, setBlockType, toggleMark } from "prosemirror-commands";
import { keymap } from "prosemirror-keymap";
import type { MarkType, NodeType } from "prosemirror-model";
import { EditorState } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { schema } from "./schema.ts";

const { hash, searchParams } = new URL(location.href);
const id = hash.slice(1) || "prosemirror";
const me = searchParams.get("name") ?? `Guest ${newId().slice(0, 4)}`;

const doc = openDocument(`/documents/${id}`);
const undo = createUndo(doc);
await doc.loaded;

const block = (type: NodeType | undefined) => (type ? setBlockType(type) : () => false);
const mark = (type: MarkType | undefined) =>
  type ? toggleMark(type, null, { removeWhenPresent: false }) : () => false;

const view = new EditorView(document.querySelector("main"), {
  state: EditorState.create({
    schema,
    plugins: [
      ...groveRows(doc, {
        schema,
        undo,
        presence: { tell: (told) => doc.presence.set({ name: me, ...told }) },
      }),
      keymap({ "Mod-1": block(schema.nodes.heading), "Mod-0": block(schema.nodes.item) }),
      keymap({ "Mod-b": mark(schema.marks.bold), "Mod-i": mark(schema.marks.italic) }),
      keymap(baseKeymap),
    ],
  }),
});
view.focus();

const status = document.querySelector("#status");
doc.on("status", ({ state }) => {
  if (status) status.textContent = state;
});
doc.on("rejected", ({ message }) => {
  if (status) status.textContent = message;
});
