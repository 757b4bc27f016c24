import { Editor, Extension, Mark, Node } from "@tiptap/core";
import { openDocument, type TreeDocument } from "../../../../src/client/index.ts";
import { groveRows } from "../../../../src/prosemirror/index.ts";

// Tiptap on rows, by an extension of a few lines, for editors-tiptap.test.ts.

const doc = openDocument(`/documents/${location.hash.slice(1)}`);
await doc.loaded;

const Grove = Extension.create({
  name: "grove",
  addGlobalAttributes: () => [
    { types: ["paragraph", "heading"], attributes: { id: { default: null, rendered: false, keepOnSplit: false } } },
  ],
  addProseMirrorPlugins() {
    return groveRows(doc, { schema: this.editor.schema, presence: true });
  },
});

const editor = new Editor({
  element: document.querySelector("main"),
  autofocus: true,
  extensions: [
    Node.create({ name: "doc", topNode: true, content: "block+" }),
    Node.create({
      name: "paragraph",
      group: "block",
      content: "inline*",
      parseHTML: () => [{ tag: "p" }],
      renderHTML: () => ["p", 0],
    }),
    Node.create({
      name: "heading",
      group: "block",
      content: "inline*",
      addAttributes: () => ({ level: { default: 1 } }),
      parseHTML: () => [{ tag: "h1" }],
      renderHTML: ({ node }) => [`h${node.attrs.level}`, 0],
    }),
    Node.create({ name: "text", group: "inline" }),
    Mark.create({ name: "bold", parseHTML: () => [{ tag: "b" }], renderHTML: () => ["b", 0] }),
    Grove,
  ],
});

export interface TiptapStage {
  readonly doc: TreeDocument;
  readonly editor: Editor;
}

declare global {
  interface Window {
    tiptap: TiptapStage;
  }
}
window.tiptap = { doc, editor };
