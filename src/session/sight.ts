import { LIMITS, type LoggedEvent, type TreeEvent } from "../protocol/index.ts";
import { type Glimpse, glimpseOf, type StoredDocument } from "../storage.ts";
import { createKeeper, type Looks, type MutationContext, type NodeId, type Unseen } from "../tree/index.ts";

export type Sight = Pick<MutationContext, "sees" | "base" | "keeper">;

/** With more events by others than this, or more nodes placed by them, a removal looks through what it removes instead (C14). */
const MOST_UNSEEN = 10_000;
/** To rescue as many takes about 50 ms. */
const MOST_PLACED = 2_000;
/** What may be read of the log for the sake of one frame, to know who made single events. */
const LOG_WORK = 512 * 1024;
/** Looks at nodes for its sake, to find what was put into what it removes; about 50 ms. */
const LOOKS = 100_000;

/** What is read of the log for what an undo names: about 60 ms, of small commits 200. */
export const UNDO_WORK = 8 * 1024 * 1024;
/** What it may come to, in characters of content. */
export const UNDO_CHARACTERS = 8 * 1024 * 1024;

/** To look at a node, which is in memory more often than not. */
const LOOK = 12;

/** All work that was done with these looks, in the unit of `Meter`. */
export function workWith({ decided, left, work, undoWork }: FrameLooks): number {
  return decided + (LOOKS - left) * LOOK + (LOG_WORK - work) + (UNDO_WORK - undoWork);
}

/** What may still be looked at for all mutations of one turn, or for a call; they have one author. */
export interface FrameLooks extends Looks {
  work: number;
  placed: Placed | null;
  /** What may still be read of the log for what an undo names, as `workOf` measures it. */
  undoWork: number;
  /** Seqs of counters that were looked for in the log, by client and counter; null where they came to nothing. */
  readonly located: Map<string, number | null>;
  /** What deciding has taken so far, beside what was looked at and read for it. */
  decided: number;
  /** Characters of log that have come of it. */
  logged: number;
  /** What was placed after a seq, at another one. */
  placedSince: { readonly from: number; readonly to: number; readonly ids: readonly NodeId[] | null } | null;
  /** The commits that were read last for that, the newest last. */
  opened: readonly (readonly LoggedEvent[])[];
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
  return {
    work: LOG_WORK,
    left: LOOKS,
    met: new Set(),
    placed: null,
    undoWork: UNDO_WORK,
    decided: 0,
    logged: 0,
    placedSince: null,
    located: new Map(),
    opened: [],
  };
}

/** The next undo may read as much as the last. */
export function renewUndo(looks: FrameLooks): void {
  looks.decided += UNDO_WORK - looks.undoWork;
  looks.undoWork = UNDO_WORK;
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
  const { recent, seq: logged } = document;
  const isOwn = (made: Pick<Glimpse, "client"> | undefined) => client !== null && made?.client === client;
  const seen = base ?? logged + pending.length;
  const sees = (seq: number) => {
    if (seq <= seen) return true;
    return isOwn(seq > logged ? pending[seq - logged - 1] : recent.lookUp(seq, looks));
  };
  const glimpseAt = (seq: number) => {
    if (seq <= logged) return recent.glimpse(seq);
    const event = pending[seq - logged - 1];
    return event && glimpseOf(event);
  };
  const findPlaced = () => {
    if (!recent.knows(seen)) return null;
    looks.placed ??= { latest: new Map(), events: 0, seq: logged + pending.length, tooMuch: null };
    const { placed } = looks;
    for (; placed.seq > seen && placed.tooMuch === null; placed.seq--) {
      const made = glimpseAt(placed.seq);
      if (!made || isOwn(made)) continue;
      placed.events++;
      for (const id of made.placed) if (!placed.latest.has(id)) placed.latest.set(id, placed.seq);
      if (placed.events > MOST_UNSEEN || placed.latest.size > MOST_PLACED) placed.tooMuch = placed.seq;
    }
    if (placed.tooMuch !== null && seen < placed.tooMuch) return null;
    const ids: NodeId[] = [];
    for (const [id, seq] of placed.latest) {
      if (seq <= seen) break;
      ids.push(id);
    }
    return ids.reverse();
  };
  let found: NodeId[] | null | undefined;
  const findSince = (after: number): NodeId[] | null => {
    if (!recent.knows(after)) return null;
    const ids = new Set<NodeId>();
    let events = 0;
    for (let seq = logged + pending.length; seq > after; seq--) {
      for (const id of glimpseAt(seq)?.placed ?? []) ids.add(id);
      if (++events > MOST_UNSEEN || ids.size > MOST_PLACED) return null;
    }
    return [...ids].reverse();
  };
  const unseen: Unseen = {
    placed() {
      if (found === undefined) found = findPlaced();
      return found;
    },
    placedSince(after) {
      const to = logged + pending.length;
      if (looks.placedSince?.from !== after || looks.placedSince.to !== to)
        looks.placedSince = { from: after, to, ids: findSince(after) };
      return looks.placedSince.ids;
    },
    *updated() {
      const told = new Set<NodeId>();
      let seq = logged + pending.length;
      for (let events = 0; seq > seen && events < MOST_UNSEEN; seq--, events++) {
        const made = glimpseAt(seq);
        if (!made || isOwn(made)) continue;
        for (const id of made.updated) {
          if (!told.has(id)) yield [id, seq];
          told.add(id);
        }
      }
    },
  };
  const keeper = createKeeper(LIMITS.depth, unseen, looks);
  return base === undefined ? { keeper } : { sees, base, keeper };
}
