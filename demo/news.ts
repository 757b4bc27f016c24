import type { TreeEvent } from "durable-grove/client";
import type { NodeId, TreeDocument } from "durable-grove/react";
import { rowInFocus } from "./focus.ts";
import { type Remembered, remember } from "./remembered.ts";
import { toast } from "./toasts.tsx";
import { receipts, rejection, removalOfOurs } from "./words.ts";

const known = new WeakMap<TreeDocument, Remembered>();

/** Tells what a change of ours did besides what was asked for. */
export function tellReceipts(doc: TreeDocument, answer: TreeEvent): void {
  const remembered = known.get(doc);
  if (remembered) for (const told of receipts(answer, doc, remembered)) toast(told);
}

/** Its text goes on in another row, and so does who was in it. */
function isJoined(id: NodeId, { ops }: TreeEvent): boolean {
  return ops.some((effect) => effect.op === "edit" && effect.id === id && effect.join !== undefined);
}

/** Tells what became of our changes, and of the row that we are in, as long as it is not ended. */
export function tellNews(doc: TreeDocument): () => void {
  const remembered = remember(doc);
  known.set(doc, remembered);
  let here: string | undefined;
  const offs = [
    // Before the focus goes on to another row, as it does when this one is gone.
    doc.on("change", () => {
      here = rowInFocus()?.dataset.id;
    }),
    doc.on("event", (event) => {
      remembered.hear(event);
      if (remembered.isMine(event)) tellReceipts(doc, event);
      else if (here && !doc.get(here) && remembered.remover(here) === event && !isJoined(here, event)) {
        toast({ text: removalOfOurs(here, event, remembered), about: here });
      }
    }),
    doc.on("rejected", ({ problem }) => toast({ text: rejection(problem, remembered) })),
    doc.on("error", (error) => {
      const why = error instanceof Error ? error.message : String(error);
      toast({ text: `Something does not work, and what is not sent may be lost when the tab is closed: ${why}` });
    }),
    remembered.end,
  ];
  return () => {
    for (const off of offs) off();
  };
}
