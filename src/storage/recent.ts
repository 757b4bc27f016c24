import type { TreeEvent } from "../protocol/index.ts";
import type { NodeId } from "../tree/index.ts";
import { eventsOf, type Log, workOf } from "./log.ts";

export interface Author {
  readonly client: string | null;
  readonly userId: string | null;
}

/** What the conflict rules ask of an event: who made it, which nodes it put somewhere, and which it updated. */
export interface Glimpse extends Author {
  readonly placed: readonly NodeId[];
  readonly updated: readonly NodeId[];
}

/** The last events at a glance, in memory. */
export interface Recent {
  /** Notes the next event. */
  note(glimpse: Glimpse): void;
  /** Makes all events after `seq` known, if that is not too much and the log has them; says whether they are. */
  knows(seq: number): boolean;
  /** An event that is known, and nothing is read for it. */
  glimpse(seq: number): Glimpse | undefined;
  /** Who made an event, known or not; undefined where the log does not have it any more. */
  authorOf(seq: number): Author | undefined;
  /** The same, as long as no more was read than so much; then undefined. */
  lookUp(seq: number, budget: ReadBudget): Author | undefined;
}

/** How much may still be read of the log, as `workOf` measures it. */
export interface ReadBudget {
  work: number;
}

/** Events, and nodes that they name, that are kept in mind; the oldest are let go first. */
const MOST_EVENTS = 16_384;
const MOST_NAMED = 65_536;
/** What is read back for those who have seen nothing for long: 10 000 small events, about 20 ms. */
const MOST_WORK = 3 * 1024 * 1024;
/** Authors that were looked up one by one. */
const MOST_LOOKED_UP = 4_096;

/** `seq` is that of the last event that is not noted. */
export function createRecent(log: () => Log, seq: number): Recent {
  const known = new Map<number, Glimpse>();
  /** The first seq that is known. */
  let from = seq + 1;
  let next = from;
  let named = 0;
  /** What has been read back. */
  let work = 0;
  const older = new Map<number, Author>();

  const keep = (at: number, glimpse: Glimpse) => {
    known.set(at, glimpse);
    named += sizeOf(glimpse);
  };
  const isFull = () => known.size >= MOST_EVENTS || named >= MOST_NAMED;
  const readBack = (wanted: number) => {
    if (isFull() || work >= MOST_WORK) return;
    for (const commit of log().backward(from)) {
      // Nothing is between what is known and this.
      if (commit.last < from - 1) return;
      work += workOf(commit.events);
      for (const event of eventsOf(commit)) if (event.seq < from) keep(event.seq, glimpseOf(event));
      from = commit.first;
      if (from <= wanted + 1 || isFull() || work >= MOST_WORK) return;
    }
  };
  const lookUp = (wanted: number, budget: ReadBudget): Author | undefined => {
    const found = known.get(wanted) ?? older.get(wanted);
    if (found || budget.work <= 0 || wanted >= next) return found;
    if (older.size > MOST_LOOKED_UP) older.clear();
    // A commit is taken apart for all of its events at once.
    const commit = log().at(wanted);
    if (!commit) return undefined;
    budget.work -= workOf(commit.events);
    for (const { seq: at, client, userId } of eventsOf(commit)) older.set(at, { client, userId });
    return older.get(wanted);
  };

  return {
    note(glimpse) {
      keep(next, glimpse);
      next++;
      for (; known.size > MOST_EVENTS || (named > MOST_NAMED && known.size > 1); from++) {
        named -= sizeOf(known.get(from));
        known.delete(from);
      }
    },
    knows(wanted) {
      if (from > wanted + 1) readBack(wanted);
      return from <= wanted + 1;
    },
    glimpse: (wanted) => known.get(wanted),
    authorOf: (wanted) => lookUp(wanted, { work: Number.POSITIVE_INFINITY }),
    lookUp,
  };
}

/** Most events place nothing, or update nothing. */
const NOTHING: readonly NodeId[] = [];

/**
 * Nodes that were inserted, moved or restored count as placed. What came back with a restored node was placed before, and what
 * followed from something else is nobody's placement.
 */
export function glimpseOf({ client, userId, ops }: Pick<TreeEvent, "client" | "userId" | "ops">): Glimpse {
  const placed: NodeId[] = [];
  const updated: NodeId[] = [];
  for (const effect of ops) {
    if (effect.op === "insert") placed.push(effect.node.id);
    else if (effect.op === "move" && !effect.follows) placed.push(effect.id);
    else if (effect.op === "update" && (effect.attrs || effect.unset || effect.type !== undefined))
      updated.push(effect.id);
    else if (effect.op === "edit" && effect.changes.length > 0) updated.push(effect.id);
  }
  return {
    client,
    userId,
    placed: placed.length > 0 ? placed : NOTHING,
    updated: updated.length > 0 ? updated : NOTHING,
  };
}

/** Nodes that it names. */
function sizeOf(glimpse: Glimpse | undefined): number {
  return glimpse ? glimpse.placed.length + glimpse.updated.length : 0;
}
