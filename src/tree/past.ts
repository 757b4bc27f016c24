import type { NodeId, NodeRecord, Past, UndoneRun } from "./node.ts";
import type { Kept } from "./operations.ts";

// What undo asks of a node: whose work stands there, and what of it is undone.

type Node = Readonly<NodeRecord>;

/** Runs of undone events that a node remembers; the oldest of more are forgotten, and are not done again (U10). */
export const MOST_UNDONE = 1_024;
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
  return past?.undone?.find(([first, last]) => first <= seq && seq <= last)?.[2];
}

/** Whether an event was undone so long ago that the node does not know any more. */
export function mayBeForgotten({ past }: Node, seq: number): boolean {
  return past?.forgotten !== undefined && seq <= past.forgotten;
}

/** Notes that an event is undone by the event `by`, or is no longer undone. */
export function noteUndone(node: NodeRecord, { undo, redo }: Kept, by: number): void {
  if (undo === undefined && redo === undefined) return;
  let undone = node.past?.undone ?? [];
  for (const seq of [undo, redo]) if (seq !== undefined) undone = without(undone, seq);
  if (undo !== undefined) undone = withRun(undone, [undo, undo, by]);
  const more = undone.length - MOST_UNDONE;
  const forgotten = more > 0 ? Math.max(node.past?.forgotten ?? 0, undone[more - 1]?.[1] ?? 0) : node.past?.forgotten;
  setPast(node, { undone: more > 0 ? undone.slice(more) : undone, forgotten });
}

/** The event that has done an edit again which was undone. */
export function redoneBy({ past }: Node, seq: number): number | undefined {
  return past?.redone?.find(([first, last]) => first <= seq && seq <= last)?.[2];
}

/** Notes that an edit is done again by the event `by`, or is no longer. */
export function noteRedone(node: NodeRecord, { undo, redo }: Kept, by: number): void {
  const seq = redo ?? undo;
  if (seq === undefined || (redo === undefined && !node.past?.redone)) return;
  const others = without(node.past?.redone ?? [], seq);
  setPast(node, { redone: redo === undefined ? others : withRun(others, [redo, redo, by]).slice(-MOST_UNDONE) });
}

function without(runs: readonly UndoneRun[], seq: number): readonly UndoneRun[] {
  const at = runs.findIndex(([first, last]) => first <= seq && seq <= last);
  const run = runs[at];
  if (!run) return runs;
  const [first, last, by] = run;
  const parts: UndoneRun[] = [
    [first, seq - 1, by],
    [seq + 1, last, by],
  ];
  return runs.toSpliced(at, 1, ...parts.filter(([from, to]) => from <= to));
}

/** What one event undoes in a row is one run: who types 200 characters makes 200 events. */
function withRun(runs: readonly UndoneRun[], run: UndoneRun): readonly UndoneRun[] {
  const found = runs.findIndex(([first]) => first > run[0]);
  const at = found < 0 ? runs.length : found;
  const [left, right] = [runs[at - 1], runs[at]];
  const joinsLeft = left?.[1] === run[0] - 1 && left[2] === run[2] ? left : undefined;
  const joinsRight = right?.[0] === run[1] + 1 && right[2] === run[2] ? right : undefined;
  const joined: UndoneRun = [joinsLeft?.[0] ?? run[0], joinsRight?.[1] ?? run[1], run[2]];
  return runs.toSpliced(at - (joinsLeft ? 1 : 0), (joinsLeft ? 1 : 0) + (joinsRight ? 1 : 0), joined);
}

export function addGuests(top: NodeRecord, ids: readonly NodeId[]): void {
  const known = top.past?.guests ?? [];
  // To copy 2 000 for each of 10 000 inserts took 0.7 s (2026-11-27).
  if (known.length >= MOST_GUESTS) return;
  setPast(top, { guests: [...new Set([...known, ...ids])].slice(0, MOST_GUESTS) });
}
