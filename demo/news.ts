import type { TreeEvent } from "durable-grove/client";
import type { NodeId, TreeDocument } from "durable-grove/react";
import { nearestLeft, rowInFocus } from "./focus.ts";
import { lost } from "./lost.ts";
import { tellReceipts } from "./receipts.ts";
import { remember } from "./remembered.ts";
import { toast } from "./toasts.tsx";
import { rejection } from "./words.ts";

/** Its text goes on in another row, and so does who was in it. */
function isJoined(id: NodeId, { ops }: TreeEvent): boolean {
  return ops.some((effect) => effect.op === "edit" && effect.id === id && effect.join !== undefined);
}

/** Tells what became of our changes, and of the row that we are in, as long as it is not ended. */
export function tellNews(doc: TreeDocument): () => void {
  const remembered = remember(doc);
  let here: { readonly id: NodeId; readonly nearest: NodeId } | undefined;
  const offs = [
    // Before the focus goes on to another row, as it does when this one is gone.
    doc.on("change", () => {
      const area = rowInFocus();
      const [row, id] = [area?.closest(".row"), area?.dataset.id];
      here = row && id ? { id, nearest: nearestLeft(doc, row) } : undefined;
    }),
    doc.on("event", (event) => {
      remembered.hear(event);
      if (remembered.isMine(event)) tellReceipts(doc, event);
      else if (here && !doc.get(here.id) && remembered.remover(here.id)?.event === event && !isJoined(here.id, event)) {
        toast(lost(doc, here.id, here.nearest, remembered));
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
