import { LIMITS, type TreeEvent } from "../protocol/index.ts";
import { type Glimpse, glimpseOf, type StoredDocument } from "../storage.ts";
import { createKeeper, type MutationContext, type NodeId } from "../tree/index.ts";

export type Sight = Pick<MutationContext, "sees" | "keeper">;

const SEES_ALL = createKeeper(LIMITS.depth);

/** With more events by others than this, or more nodes placed by them, a removal looks through what it removes instead (C14). */
const MOST_UNSEEN = 10_000;
/** What may be read of the log for the sake of one mutation, to know who made single events. */
const LOOK_UPS = 512 * 1024;

/**
 * What the author of a mutation has seen: what its base covers, and what it did itself (C). `pending` are the events that wait
 * for their commit. Memory knows the last events; what is read of the log is bounded, and what it does not tell was not seen.
 */
export function sightOf(
  document: StoredDocument,
  pending: readonly TreeEvent[],
  base: number | undefined,
  client: string | null,
): Sight {
  if (base === undefined) return { keeper: SEES_ALL };
  const { recent, seq: logged } = document;
  const budget = { work: LOOK_UPS };
  const isOwn = (made: Pick<Glimpse, "client"> | undefined) => client !== null && made?.client === client;
  const sees = (seq: number) => {
    if (seq <= base) return true;
    return isOwn(seq > logged ? pending[seq - logged - 1] : recent.lookUp(seq, budget));
  };
  const unseenPlaced = () => {
    if (!recent.knows(base)) return null;
    const placed = new Set<NodeId>();
    let unseen = 0;
    const look = (made: Glimpse | undefined) => {
      if (!made || isOwn(made)) return;
      unseen++;
      for (const id of made.placed) placed.add(id);
    };
    for (let seq = base + 1; seq <= logged; seq++) look(recent.glimpse(seq));
    for (const event of pending.slice(Math.max(0, base - logged))) look(glimpseOf(event));
    return Math.max(unseen, placed.size) > MOST_UNSEEN ? null : placed;
  };
  return { sees, keeper: createKeeper(LIMITS.depth, unseenPlaced) };
}
