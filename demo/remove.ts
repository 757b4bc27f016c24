import type { NodeId, TreeDocument } from "durable-grove/react";
import { neighbours, readingOrder } from "./order.ts";
import { type Done, perform } from "./perform.ts";
import { shownText } from "./rows.ts";
import { removal } from "./words.ts";

/** Removes a row with all below it, and offers to bring it back: a removed node that is moved is there again. */
export function remove(doc: TreeDocument, id: NodeId): Done | undefined {
  const { before, after, parent } = neighbours(doc, id);
  if (parent === undefined) return undefined;
  const order = readingOrder(doc);
  const restore = () => {
    const place = { parent, after: before ?? null, before: after };
    perform(doc, { change: (tx) => tx.move(id, place), focus: id });
  };
  return {
    change: (tx) => tx.remove(id),
    focus: order[order.indexOf(id) - 1],
    says: {
      text: removal(shownText(doc.get(id)), readingOrder(doc, id).length - 1),
      about: id,
      action: { label: "Undo", chosen: restore },
    },
  };
}
