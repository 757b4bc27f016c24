import type { TreeEvent } from "../protocol/index.ts";
import type { Lost, NodeId, Receipts } from "../tree/index.ts";

/**
 * Something to be shown to the user: what an event has done to what is ours without its author having seen that (`rescued`,
 * `removed`, `moved`, `written`), or what became of an event of our own beside what it says (`redirected`, `rescued`,
 * `removed`, `updated`, `skipped`); docs/client.md tells what each means.
 */
export interface Notice {
  readonly why: Lost["why"] | keyof Receipts;
  readonly ids: readonly NodeId[];
  /** Its `client` and `userId` are who did it: oneself, or the other. */
  readonly event: TreeEvent;
}

export function noticesOf(event: TreeEvent, client: string): Notice[] {
  const ids = new Map<Notice["why"], Set<NodeId>>();
  const add = (why: Notice["why"], id: NodeId) => void ids.set(why, (ids.get(why) ?? new Set()).add(id));
  for (const lost of event.notices ?? []) if (lost.client === client) add(lost.why, lost.id);
  if (event.client === client) {
    for (const why of ["redirected", "rescued", "removed", "updated"] as const)
      for (const id of event[why] ?? []) add(why, id);
    for (const { id } of event.skipped ?? []) add("skipped", id);
  }
  return [...ids].map(([why, each]) => ({ why, ids: [...each], event }));
}
