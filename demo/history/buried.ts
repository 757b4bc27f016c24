import { type BinEntry, historyOf } from "durable-grove/history";
import type { NodeId, TreeDocument } from "durable-grove/react";

/** Pages of the bin that are looked through for it. */
const MOST = 5;

/** What was removed with all that a row of the bin stands in; null where that is not found. */
export async function buriedIn(doc: TreeDocument, { seq, where }: BinEntry): Promise<BinEntry | null> {
  const history = historyOf(doc);
  const past = await history.at(seq - 1);
  const above = new Set<NodeId>();
  for (let id: NodeId | null | undefined = where.parent; id; id = past.parent(id)) above.add(id);
  let pages = 0;
  for await (const { entries } of history.bin({ limit: 100 }).pages()) {
    const found = entries.find(({ id }) => above.has(id));
    if (found) return found;
    if (++pages === MOST) break;
  }
  return null;
}
