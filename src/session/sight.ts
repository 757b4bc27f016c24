import { LIMITS, type TreeEvent } from "../protocol/index.ts";
import { type Glimpse, glimpseOf, type StoredDocument } from "../storage.ts";
import { createKeeper, type Looks, type MutationContext, type NodeId } from "../tree/index.ts";

export type Sight = Pick<MutationContext, "sees" | "keeper">;

/** With more events by others than this, or more nodes placed by them, a removal looks through what it removes instead (C14). */
const MOST_UNSEEN = 10_000;
/** To rescue as many takes about 50 ms. */
const MOST_PLACED = 2_000;
/** What may be read of the log for the sake of one frame, to know who made single events. */
const LOG_WORK = 512 * 1024;
/** Looks at nodes for its sake, to find what was put into what it removes; about 50 ms. */
const LOOKS = 100_000;

/** What may still be looked at for all mutations of one frame, or for a call; they have one author. */
export interface FrameLooks extends Looks {
  work: number;
  placed: Placed | null;
}

/** What others have placed, as far back as anyone has asked, with the seq of the last time: the latest first. */
interface Placed {
  readonly latest: Map<NodeId, number>;
  /** How many events of others that were. */
  events: number;
  /** Those above this seq were looked at. */
  seq: number;
  /** Whoever has not seen this one has not seen too much. */
  tooMuch: number | null;
}

export function createLooks(): FrameLooks {
  return { work: LOG_WORK, left: LOOKS, met: new Set(), placed: null };
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
  looks: FrameLooks,
): Sight {
  if (base === undefined) return { keeper: createKeeper(LIMITS.depth) };
  const { recent, seq: logged } = document;
  const isOwn = (made: Pick<Glimpse, "client"> | undefined) => client !== null && made?.client === client;
  const sees = (seq: number) => {
    if (seq <= base) return true;
    return isOwn(seq > logged ? pending[seq - logged - 1] : recent.lookUp(seq, looks));
  };
  const glimpseAt = (seq: number) => {
    if (seq <= logged) return recent.glimpse(seq);
    const event = pending[seq - logged - 1];
    return event && glimpseOf(event);
  };
  const findPlaced = () => {
    if (!recent.knows(base)) return null;
    looks.placed ??= { latest: new Map(), events: 0, seq: logged + pending.length, tooMuch: null };
    const { placed } = looks;
    for (; placed.seq > base && placed.tooMuch === null; placed.seq--) {
      const made = glimpseAt(placed.seq);
      if (!made || isOwn(made)) continue;
      placed.events++;
      for (const id of made.placed) if (!placed.latest.has(id)) placed.latest.set(id, placed.seq);
      if (placed.events > MOST_UNSEEN || placed.latest.size > MOST_PLACED) placed.tooMuch = placed.seq;
    }
    if (placed.tooMuch !== null && base < placed.tooMuch) return null;
    const ids: NodeId[] = [];
    for (const [id, seq] of placed.latest) {
      if (seq <= base) break;
      ids.push(id);
    }
    return ids.reverse();
  };
  let found: NodeId[] | null | undefined;
  const unseenPlaced = () => {
    if (found === undefined) found = findPlaced();
    return found;
  };
  return { sees, keeper: createKeeper(LIMITS.depth, unseenPlaced, looks) };
}
