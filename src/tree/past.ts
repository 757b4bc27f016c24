import type { NodeId, NodeRecord, Past } from "./node.ts";
import type { Kept } from "./operations.ts";

// What undo asks of a node: whose work stands there, and what of it is undone.

type Node = Readonly<NodeRecord>;

/** Undone events that a node remembers; of more, the oldest is taken for one that is not undone. */
export const MOST_UNDONE = 128;
/** Events that a node remembers to have been removed by; undoing more of them has nothing to undo. */
export const MOST_REMOVERS = 128;
/** Nodes that a removal remembers to have kept out of it; more stay where they are when it is undone. */
export const MOST_GUESTS = 2_000;

/** Nothing at all is no past, so that a record is the same as before. */
export function setPast(node: NodeRecord, change: Past): void {
  const parts = Object.entries({ ...node.past, ...change }).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  node.past = parts.length > 0 ? Object.fromEntries(parts) : null;
}

/** The event whose placement stands. */
export function placedBy({ past, placed }: Node): number {
  return past?.place ?? placed;
}

/** The events because of which a removed node is removed. */
export function removersOf({ past, removed }: Node): readonly number[] {
  return past?.removers ?? (removed === null ? [] : [removed]);
}

/** More events because of which a node is removed, as many as it remembers. */
export function addRemovers(node: NodeRecord, more: readonly number[]): void {
  const removers = removersOf(node);
  if (removers.length < MOST_REMOVERS) setPast(node, { removers: [...new Set([...removers, ...more])] });
}

/** Whether an event because of which a node was removed is one still; `removers` says which are negative. */
export function isRemoving(node: Node, remover: number): boolean {
  return isUndone(node, Math.abs(remover)) === remover < 0;
}

/** Whether somebody who has not seen where a node was placed last had seen it there before: an undo has put it back there. */
export function wasSeenThere({ past }: Node, sees: (seq: number) => boolean): boolean {
  const { place, left } = past ?? {};
  return place !== undefined && left !== undefined && sees(place) && !sees(left);
}

export function isUndone(node: Node, seq: number): boolean {
  return undoneBy(node, seq) !== undefined;
}

/** The event that has undone another one, as far as a node has to do with it. */
export function undoneBy({ past }: Node, seq: number): number | undefined {
  return past?.undone?.find(([undone]) => undone === seq)?.[1];
}

/** Notes that an event is undone by the event `by`, or is no longer undone. */
export function noteUndone(node: NodeRecord, { undo, redo }: Kept, by: number): void {
  if (undo === undefined && redo === undefined) return;
  const undone = (node.past?.undone ?? []).filter(([seq]) => seq !== undo && seq !== redo);
  if (undo !== undefined) undone.push([undo, by]);
  setPast(node, { undone: undone.sort(([a], [b]) => a - b).slice(-MOST_UNDONE) });
}

export function addGuests(top: NodeRecord, ids: readonly NodeId[]): void {
  const known = top.past?.guests ?? [];
  // To copy 2 000 for each of 10 000 inserts took 0.7 s (2026-11-27).
  if (known.length >= MOST_GUESTS) return;
  setPast(top, { guests: [...new Set([...known, ...ids])].slice(0, MOST_GUESTS) });
}
