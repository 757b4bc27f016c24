import type { NodeId, TreeDocument } from "durable-grove/react";

interface Neighbours {
  readonly before: NodeId | undefined;
  readonly after: NodeId | undefined;
  readonly parent: NodeId | undefined;
}

/** The siblings before and after a row, and their parent; the title has none. */
export function neighbours(doc: TreeDocument, id: NodeId): Neighbours {
  const parent = doc.parent(id) ?? undefined;
  const siblings = parent === undefined ? [id] : doc.children(parent);
  const index = siblings.indexOf(id);
  return { before: siblings[index - 1], after: siblings[index + 1], parent };
}

/** A row and all below it, or the whole outline, as it is read. */
export function readingOrder(doc: TreeDocument, top = doc.root): NodeId[] {
  const ids: NodeId[] = [];
  const todo = top === undefined ? [] : [top];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    ids.push(id);
    todo.push(...doc.children(id).toReversed());
  }
  return ids;
}
