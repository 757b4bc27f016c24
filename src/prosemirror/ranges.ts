import type { Node } from "prosemirror-model";
import type { Step } from "prosemirror-transform";

// A document of rows read as one line of units: each block opens, then come the units of its text. What closes a block says nothing that the
// next opening does not say. A range that a step has replaced is some openings and units of the old line, and some of the new one in their place.

/** A block in a range, and how much of its text. */
export interface Piece {
  readonly index: number;
  readonly block: Node;
  readonly from: number;
  readonly to: number;
}

/** One side of a replaced range. */
export interface Side {
  /** The block in which it begins; null where none stands before. */
  readonly before: Piece | null;
  /** Whether it begins inside the text of that, be it at its end, and not behind it. */
  readonly isInside: boolean;
  /** The blocks that open in it. */
  readonly opened: readonly Piece[];
  /** The index of the first block behind it. */
  readonly next: number;
  /** What follows is the rest of the text of the last block, which may be nothing, and not a block of its own. */
  readonly hasTail: boolean;
}

export interface Replaced {
  readonly old: Side;
  readonly new: Side;
}

/** The ranges that a step has replaced, the last one first, so that what stands before each is still as it was. */
export function replacedBy(step: Step, before: Node, after: Node): Replaced[] {
  const ranges: Replaced[] = [];
  step.getMap().forEach((oldStart, oldEnd, newStart, newEnd) => {
    ranges.unshift({ old: sideOf(before, oldStart, oldEnd), new: sideOf(after, newStart, newEnd) });
  });
  return ranges;
}

function sideOf(doc: Node, start: number, end: number): Side {
  const first = firstOpening(doc, start);
  const next = firstOpening(doc, end);
  let offset = offsetOf(doc, first);
  const opened: Piece[] = [];
  const pieceOf = (index: number, at: number): Piece => {
    const block = doc.child(index);
    const within = (position: number) => Math.min(Math.max(position - at - 1, 0), block.content.size);
    return { index, block, from: within(start), to: within(end) };
  };
  const before = first > 0 ? pieceOf(first - 1, offset - doc.child(first - 1).nodeSize) : null;
  const isInside = before?.block.isTextblock === true && start < offset;
  for (let index = first; index < next; index++) {
    opened.push(pieceOf(index, offset));
    offset += doc.child(index).nodeSize;
  }
  const last = opened.at(-1) ?? before;
  // `offset` is behind the last block.
  const hasTail = last?.block.isTextblock === true && end < offset && (opened.length > 0 || isInside);
  return { before, isInside, opened, next, hasTail };
}

/** The first block that opens at a position or behind it. */
function firstOpening(doc: Node, position: number): number {
  const place = doc.resolve(position);
  return place.depth === 0 ? place.index(0) : place.index(0) + 1;
}

export function offsetOf(doc: Node, index: number): number {
  let offset = 0;
  for (let at = 0; at < index; at++) offset += doc.child(at).nodeSize;
  return offset;
}

/** The blocks of a document that are not as in another one: from `start` to `end`, which are there up to `oldEnd`. */
export interface Changed {
  readonly start: number;
  readonly end: number;
  readonly oldEnd: number;
}

/** `isSame` says whether a block, which is the same, stands for the same row. */
export function changedBlocks(
  old: Node,
  doc: Node,
  isSame: (index: number, oldIndex: number) => boolean = () => true,
): Changed {
  const isSameAt = (index: number, oldIndex: number) =>
    doc.child(index) === old.child(oldIndex) && isSame(index, oldIndex);
  let start = 0;
  while (start < doc.childCount && start < old.childCount && isSameAt(start, start)) start++;
  let end = doc.childCount;
  let oldEnd = old.childCount;
  while (end > start && oldEnd > start && isSameAt(end - 1, oldEnd - 1)) {
    end--;
    oldEnd--;
  }
  return { start, end, oldEnd };
}
