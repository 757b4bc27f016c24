import type { NodeId, TreeDocument, TreeNode } from "durable-grove/react";
import { readingOrder } from "./order.ts";
import type { Done } from "./perform.ts";
import { editedKey, isTooLong, shownKey, shownText } from "./rows.ts";
import { notJoined, TOO_LONG } from "./words.ts";

/** Joins a row with the one that is read before it, children and all; the title has none before it. */
export function joinAbove(doc: TreeDocument, id: NodeId): Done | undefined {
  const order = readingOrder(doc);
  return join(doc, order[order.indexOf(id) - 1], id);
}

/** Joins a row with the one that is read behind it. */
export function joinBelow(doc: TreeDocument, id: NodeId): Done | undefined {
  const order = readingOrder(doc);
  return join(doc, id, order[order.indexOf(id) + 1]);
}

function join(doc: TreeDocument, into: NodeId | undefined, id: NodeId | undefined): Done | undefined {
  if (into === undefined || id === undefined) return undefined;
  const [above, node] = [doc.get(into), doc.get(id)];
  if (!above || !node) return undefined;
  const key = editedKey(node);
  const lost = lostWith(node, above);
  if (lost.length > 0) return { says: { text: notJoined(shownText(node), lost), about: id } };
  if (isTooLong(shownText(above).length + shownText(node).length)) return { says: { text: TOO_LONG } };
  return {
    change(tx) {
      // Out of the first row of its parent they come to where that stood: nothing that is read changes its order.
      if (tx.parent(id) === into) {
        for (const child of tx.children(id).toReversed()) tx.move(child, { parent: into, after: id });
      }
      tx.join(id, into, key);
    },
    focus: into,
    caret: shownText(above).length,
  };
}

/** What a row has beside what goes to the row above. */
function lostWith(node: TreeNode, above: TreeNode): string[] {
  const key = editedKey(node);
  const others = Object.keys(node.attrs).filter((name) => name !== key);
  const isOther = node.type !== "row" && node.type !== above.type;
  const isElsewhere = (shownKey(above) ?? key) !== key;
  return [...others, ...(isOther ? [`type ${node.type}`] : []), ...(isElsewhere ? [key] : [])];
}
