import { bindText } from "durable-grove/dom";
import type { NodeId, TreeDocument } from "durable-grove/react";
import { bindings } from "./focus.ts";
import { joinAbove, joinBelow } from "./join.ts";
import { paste } from "./paste.ts";
import { type Done, perform } from "./perform.ts";
import { split } from "./split.ts";
import { typedText } from "./typing.ts";
import { takeBack } from "./undo.tsx";

/** Binds the text of a row to the element that it is typed in; gives back what ends it. */
export function bindRow(doc: TreeDocument, id: NodeId, key: string, area: HTMLTextAreaElement): () => void {
  const does = (done: Done | undefined) => done && perform(doc, done);
  const binding = bindText(area, typedText(doc, id, key), {
    onEnter: (at) => does(split(doc, id, at)),
    onBackspaceAtStart: () => does(joinAbove(doc, id)),
    onDeleteAtEnd: () => does(joinBelow(doc, id)),
    onLines: (lines, at) => does(paste(doc, id, lines, at)),
    onUndo: () => does(takeBack(doc, "undo")),
    onRedo: () => does(takeBack(doc, "redo")),
  });
  bindings.set(area, binding);
  return binding.release;
}
