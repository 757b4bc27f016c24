import { textOf, undoTexts } from "durable-grove/client";
import type { EditableText } from "durable-grove/dom";
import type { NodeId, TreeDocument } from "durable-grove/react";
import { growth } from "durable-grove/text";
import { me } from "./me.ts";
import { isTooLong } from "./rows.ts";
import { stepsOf } from "./steps.ts";
import { toast } from "./toasts.tsx";
import { TOO_LONG } from "./words.ts";

/** The text of a row as it is typed: not too long, and by whom. */
export function typedText(doc: TreeDocument, id: NodeId, key: string): EditableText {
  const text = textOf(doc, id, key);
  undoTexts(doc);
  return {
    get value() {
      return text.value;
    },
    on: text.on,
    edit(changes, { group }) {
      const grown = growth(changes);
      if (grown > 0 && isTooLong(text.value.length + grown)) return toast({ text: TOO_LONG });
      text.edit(changes, { meta: { by: me }, group });
      stepsOf(doc).made(group);
    },
  };
}
