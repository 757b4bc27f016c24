import { LIMITS, type TreeEvent } from "../protocol/index.ts";
import { type Glimpse, glimpseOf, type StoredDocument } from "../storage.ts";
import { createKeeper, type MutationContext, type NodeId } from "../tree/index.ts";

export type Sight = Pick<MutationContext, "sees" | "keeper">;

/** With more events by others than this, or more nodes placed by them, a removal looks through what it removes instead (C14). */
const MOST_UNSEEN = 10_000;
/** What may be read of the log for the sake of one frame, to know who made single events. */
const LOG_WORK = 512 * 1024;
/** Nodes that may be looked at for its sake, to find what was put into what it removes; about 50 ms. */
const NODES = 100_000;

/** What may still be looked at for all mutations of one frame, or for a call; they have one author. */
export interface Looks {
  work: number;
  left: number;
  /** By base, what others have placed since. */
  readonly placed: Map<number, ReadonlySet<NodeId> | null>;
}

export function createLooks(): Looks {
  return { work: LOG_WORK, left: NODES, placed: new Map() };
}

/**
 * What the author of a mutation has seen: what its base covers, and what it did itself (C). `pending` are the events that wait
 * for their commit. Memory knows the last events; what is read of the log is bounded, and what it does not tell was not seen.
 */
export function sightOf(
  document: StoredDocument,
  pending: readonly TreeEvent[],
  base: number | undefined,
  client: string | null,
  looks: Looks,
): Sight {
  if (base === undefined) return { keeper: createKeeper(LIMITS.depth) };
  const { recent, seq: logged } = document;
  const isOwn = (made: Pick<Glimpse, "client"> | undefined) => client !== null && made?.client === client;
  const sees = (seq: number) => {
    if (seq <= base) return true;
    return isOwn(seq > logged ? pending[seq - logged - 1] : recent.lookUp(seq, looks));
  };
  const findPlaced = () => {
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
  const unseenPlaced = () => {
    const known = looks.placed.get(base);
    if (known !== undefined) return known;
    const found = findPlaced();
    looks.placed.set(base, found);
    return found;
  };
  return { sees, keeper: createKeeper(LIMITS.depth, unseenPlaced, looks) };
}
