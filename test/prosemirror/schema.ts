import { Schema } from "prosemirror-model";

const id = { id: { default: null } };

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { content: "inline*", group: "block", attrs: id },
    heading: {
      content: "inline*",
      group: "block",
      attrs: {
        ...id,
        level: {
          default: 1,
          validate: (value: unknown) => {
            if (typeof value !== "number") throw new RangeError("a level is a number");
          },
        },
      },
    },
    code: { content: "text*", marks: "", group: "block", attrs: id, code: true },
    rule: { group: "block", attrs: { ...id, kind: { default: "plain" } } },
    quote: { content: "block+", group: "block" },
    text: { group: "inline" },
    break: { inline: true, group: "inline", linebreakReplacement: true },
    mention: { inline: true, group: "inline", attrs: { who: { default: "" } } },
  },
  marks: {
    strong: {},
    link: { inclusive: false, attrs: { href: { validate: "string" }, title: { default: null } } },
    literal: { excludes: "_" },
  },
});
