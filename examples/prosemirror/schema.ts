import { Schema } from "prosemirror-model";

const id = { id: { default: null } };

/** Rows of two types, lines, and a rule between rows: what a flat document is made of. What is bold or italic is so in the text. */
export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    item: {
      content: "inline*",
      group: "block",
      attrs: id,
      toDOM: () => ["p", 0],
      parseDOM: [{ tag: "p" }, { tag: "li" }],
    },
    heading: { content: "inline*", group: "block", attrs: id, toDOM: () => ["h2", 0], parseDOM: [{ tag: "h1,h2,h3" }] },
    rule: { group: "block", attrs: id, toDOM: () => ["hr"], parseDOM: [{ tag: "hr" }] },
    text: { group: "inline" },
    hard_break: {
      inline: true,
      group: "inline",
      linebreakReplacement: true,
      toDOM: () => ["br"],
      parseDOM: [{ tag: "br" }],
    },
  },
  marks: {
    bold: { toDOM: () => ["strong", 0], parseDOM: [{ tag: "strong" }, { tag: "b" }] },
    italic: { toDOM: () => ["em", 0], parseDOM: [{ tag: "em" }, { tag: "i" }] },
  },
});
