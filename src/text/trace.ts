import type { Changes } from "./changes.ts";
import { baseOf, cutOf, isHead, type Move } from "./step.ts";

/** Units of a text, and where they stand in the text that is asked about. */
export interface Piece {
  readonly at: number;
  readonly length: number;
  readonly to: number;
}

/** Units that changes have put there: those of `text` from `from` on. */
export interface Put extends Piece {
  readonly text: string;
  readonly from: number;
}

/**
 * Where pieces stood before changes, and which of them these have put there. Pieces are in order, from the first to the last. Costs a
 * look at each piece and each change.
 */
export function back(pieces: readonly Piece[], changes: Changes): { readonly stood: Piece[]; readonly put: Put[] } {
  const stood: Piece[] = [];
  const put: Put[] = [];
  let index = 0;
  /** How much of the piece at `index` was looked at. */
  let taken = 0;
  let [before, after] = [0, 0];
  /** Looks at what stands before `end`, as far as the next change goes: it was put there as `text`, or stood there. */
  const take = (end: number, text: string | null) => {
    for (let piece = pieces[index]; piece && piece.at + taken < end; piece = pieces[index]) {
      const at = piece.at + taken;
      const to = piece.to + taken;
      const rest = piece.length - taken;
      const length = Math.min(rest, end - at);
      if (text !== null) put.push({ at, length, to, text, from: at - after });
      else push(stood, at - after + before, length, to);
      if (length < rest) taken += length;
      else {
        taken = 0;
        index++;
      }
    }
  };
  for (const change of changes) {
    if (typeof change === "string") {
      take(after + change.length, change);
      after += change.length;
    } else if (change < 0) before -= change;
    else {
      take(after + change, null);
      before += change;
      after += change;
    }
  }
  take(Number.POSITIVE_INFINITY, null);
  return { stood, put };
}

/** Where pieces of the two texts that a move is about stood before it. */
export function backOver(
  source: readonly Piece[],
  target: readonly Piece[],
  move: Move,
): { readonly source: Piece[]; readonly target: Piece[] } {
  const [base, cut] = [baseOf(move), cutOf(move)];
  const come: Piece[] = [];
  const stayed: Piece[] = [];
  for (const { at, length, to } of target) {
    const own = Math.min(length, Math.max(0, base - at));
    if (own > 0) stayed.push({ at, length: own, to });
    if (own < length) come.push({ at: at + own - base + (isHead(move) ? 0 : cut), length: length - own, to: to + own });
  }
  const left = isHead(move) ? source.map(({ at, length, to }) => ({ at: at + cut, length, to })) : source;
  return { source: inOrder([...left, ...come]), target: stayed };
}

/** Pieces of two texts that have become one, in order. */
export function inOrder(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces.toSorted((one, other) => one.at - other.at))
    push(joined, piece.at, piece.length, piece.to);
  return joined;
}

/** Neighbours here that are neighbours there are one. */
function push(pieces: Piece[], at: number, length: number, to: number): void {
  const last = pieces[pieces.length - 1];
  const continues = last !== undefined && last.at + last.length === at && last.to + last.length === to;
  if (continues) pieces[pieces.length - 1] = { at: last.at, length: last.length + length, to: last.to };
  else pieces.push({ at, length, to });
}
