import type { Node } from "prosemirror-model";
import type { Transaction } from "prosemirror-state";
import { type NodeId, newId } from "../client/index.ts";
import { clipped, difference, MOST_MARKS } from "../text/index.ts";
import type { Blocks, Shape } from "./blocks.ts";
import { markingsBetween } from "./marks.ts";
import { type Marked, marksAfter } from "./marks-after.ts";
import { type RowOperation, updateOf } from "./operations.ts";
import { changedBlocks, type Piece, type Replaced, replacedBy } from "./ranges.ts";

/** The rows that the blocks of a document are, one for one; null for a block that is no row yet. */
export type Rows = readonly (NodeId | null)[];

export interface Plan {
  readonly rows: Rows;
  readonly operations: readonly RowOperation[];
}

/**
 * What a transaction does, as operations on rows. What a step leaves where it is keeps its row: so text that comes into another block is a
 * split or a join, and never deleted and written anew.
 */
export function planOf(transaction: Transaction, rows: Rows, blocks: Blocks): Plan {
  const draft = createDraft(transaction.docs[0] ?? transaction.doc, rows, blocks);
  for (const [index, step] of transaction.steps.entries()) {
    const before = transaction.docs[index] ?? transaction.doc;
    const after = transaction.docs[index + 1] ?? transaction.doc;
    const caret = after === transaction.doc ? caretOf(transaction) : null;
    for (const range of replacedBy(step, before, after)) draft.replace(range, before, caret);
  }
  return draft.finish(transaction.doc);
}

/** Where the caret is in the end: what says which of two rows an empty one was deleted from. */
interface Caret {
  readonly index: number;
  readonly isAtStart: boolean;
}

function caretOf({ selection }: Transaction): Caret | null {
  const { $head, empty } = selection;
  return empty && $head.depth > 0 ? { index: $head.index(0), isAtStart: $head.parentOffset === 0 } : null;
}

interface Draft {
  /** Ranges of a step come the last one first. */
  replace(range: Replaced, before: Node, caret: Caret | null): void;
  finish(doc: Node): Plan;
}

function createDraft(first: Node, initial: Rows, blocks: Blocks): Draft {
  const rows = [...initial];
  const operations: RowOperation[] = [];
  /** How rows look in the tree, where that is not as `first` has them. */
  const shapes = new Map<NodeId, Shape>();
  /** What was removed, and may come back elsewhere: a block that is dragged. */
  const removed = new Map<NodeId, { readonly operation: RowOperation; readonly text: string }>();

  const rowBefore = (index: number): NodeId | null => rows.slice(0, index).findLast((id) => id !== null) ?? null;
  /** Makes a row of a block that is none yet. */
  const rowAt = (index: number, block: Node): NodeId => {
    const known = rows[index];
    if (known) return known;
    const id = newId();
    insert(id, { index, block, from: 0, to: block.content.size }, rowBefore(index));
    rows[index] = id;
    return id;
  };
  const insert = (id: NodeId, piece: Piece, after: NodeId | null) => {
    const { block, from, to } = piece;
    const shape = blocks.shapeOf(block);
    shapes.set(id, shape);
    const text = block.isTextblock ? textOf(piece) : null;
    const marks = clipped(blocks.marks.of(block), from, to);
    operations.push({
      op: "insert",
      row: { id, ...shape, text, marks: marks.length > MOST_MARKS ? [] : marks },
      after,
    });
  };
  const edit = (id: NodeId, at: number, old: string, next: string) => {
    const changes = difference(old, next);
    const [head] = changes;
    if (head === undefined) return;
    const placed =
      typeof head === "number" && head > 0 ? [at + head, ...changes.slice(1)] : at > 0 ? [at, ...changes] : changes;
    operations.push({ op: "edit", id, changes: placed });
  };
  const textOf = ({ block, from, to }: Piece) => blocks.textOf(block).slice(from, to);

  /** A block that is new where it stands: one that was taken away before, or a row that there was not. */
  const place = (piece: Piece, after: NodeId | null): NodeId => {
    const said = blocks.idIn(piece.block);
    const taken = said === null ? undefined : removed.get(said);
    if (said === null || !taken) {
      const id = newId();
      insert(id, piece, after);
      return id;
    }
    removed.delete(said);
    operations.splice(operations.indexOf(taken.operation), 1);
    operations.push({ op: "move", id: said, after });
    edit(said, 0, taken.text, textOf(piece));
    return said;
  };
  const remove = (id: NodeId, block: Node) => {
    const operation: RowOperation = { op: "remove", id };
    operations.push(operation);
    removed.set(id, { operation, text: blocks.textOf(block) });
  };

  /** Enter, and lines pasted into a text: what follows comes into a new row, or what stands before, where that is nothing. */
  const split = (before: Piece, newHead: string, inserted: readonly Piece[], frontBlock: Node) => {
    const id = rowAt(before.index, before.block);
    const last = inserted.at(-1);
    if (!last) return;
    const tail = textOf(last);
    const restLength = blocks.textOf(before.block).length - before.to + tail.length;
    edit(id, before.from, textOf(before), newHead + tail);
    // The row goes with the text: with an empty one in front of it nothing has become of it.
    const head = before.from === 0 && newHead === "" && restLength > 0;
    const shape = blocks.shapeOf(head ? frontBlock : last.block);
    const made = newId();
    shapes.set(made, shape);
    operations.push({ op: "split", id, at: before.from + newHead.length, node: { id: made, ...shape }, head });
    const front = head ? made : id;
    const between = placeAll(inserted.slice(0, -1), front);
    rows.splice(before.index, 1, front, ...between, head ? id : made);
  };
  const placeAll = (pieces: readonly Piece[], behind: NodeId | null): NodeId[] => {
    let after = behind;
    return pieces.map((piece) => {
      after = place(piece, after);
      return after;
    });
  };
  const join = (id: NodeId, into: NodeId) => operations.push({ op: "join", id, into });

  /** Empty rows that are deleted beside the caret are joined with its row: somebody may be typing in them. */
  const joinEmpty = (
    deleted: readonly Piece[],
    { before, next }: Replaced["old"],
    doc: Node,
    caret: Caret | null,
  ): boolean => {
    const [first, ...others] = deleted;
    const ids = deleted.flatMap(({ index }) => rows[index] ?? []);
    const [firstId, ...otherIds] = ids;
    if (!first || firstId === undefined || ids.length < deleted.length || !caret) return false;
    if (deleted.some(({ block }) => !block.isTextblock || block.content.size > 0)) return false;
    const nextId = rows[next];
    if (caret.index === first.index && caret.isAtStart && nextId && doc.maybeChild(next)?.isTextblock) {
      for (const id of [...otherIds, nextId]) join(id, firstId);
      rows.splice(first.index, others.length + 2, firstId);
      return true;
    }
    if (caret.index === first.index - 1 && before?.block.isTextblock) {
      const into = rowAt(before.index, before.block);
      for (const id of ids) join(id, into);
      rows.splice(first.index, deleted.length);
      return true;
    }
    return false;
  };

  const replace: Draft["replace"] = ({ old, new: now }, doc, caret) => {
    const { before, isInside, hasTail, opened: deleted } = old;
    const { opened: inserted } = now;
    const newHead = isInside && now.before ? textOf(now.before) : "";
    if (before && now.before && hasTail && deleted.length === 0 && inserted.length > 0) {
      return split(before, newHead, inserted, now.before.block);
    }
    if (before && isInside && (textOf(before) !== "" || newHead !== "")) {
      edit(rowAt(before.index, before.block), before.from, textOf(before), newHead);
    }
    if (deleted.length > 0 && inserted.length === 0 && !isInside && joinEmpty(deleted, old, doc, caret)) return;
    const pairs = pairsOf(deleted, inserted, hasTail);
    const joined: NodeId[] = [];
    const kept = new Map<Piece, NodeId | null>();
    for (const piece of deleted) {
      const stays = pairs.get(piece);
      if (stays) kept.set(stays, keep(piece, stays));
      else giveUp(piece, isInside, joined);
    }
    let after = before ? (rows[before.index] ?? rowBefore(before.index)) : null;
    const ids = inserted.map((piece) => {
      const known = kept.get(piece);
      const id = known === undefined ? place(piece, after) : known;
      after = id ?? after;
      return id;
    });
    if (before && joined.length > 0) {
      const into = rowAt(before.index, before.block);
      for (const id of joined) join(id, into);
    }
    rows.splice(before ? before.index + 1 : 0, deleted.length, ...ids);
  };
  /** A block that is another one now, and the same row. */
  const keep = (piece: Piece, stays: Piece): NodeId | null => {
    const [text, next] = [textOf(piece), textOf(stays)];
    if (text === next) return rows[piece.index] ?? null;
    const id = rowAt(piece.index, piece.block);
    edit(id, 0, text, next);
    return id;
  };
  const giveUp = (piece: Piece, isInside: boolean, joined: NodeId[]) => {
    const id = rows[piece.index];
    if (!id) return;
    if (!isInside || !piece.block.isTextblock) return remove(id, piece.block);
    edit(id, 0, textOf(piece), "");
    joined.push(id);
  };
  /** The blocks that were deleted and stand there again. */
  const pairsOf = (deleted: readonly Piece[], inserted: readonly Piece[], hasTail: boolean): Map<Piece, Piece> => {
    const pairs = new Map<Piece, Piece>();
    const [last, newLast] = [deleted.at(-1), inserted.at(-1)];
    // The text behind the range is the rest of both.
    const isSameRest = hasTail && last && newLast;
    if (isSameRest) pairs.set(last, newLast);
    const olds = isSameRest ? deleted.slice(0, -1) : deleted;
    const news = isSameRest ? inserted.slice(0, -1) : inserted;
    const inPlace = olds.length === news.length;
    let from = 0;
    for (const [index, piece] of olds.entries()) {
      const said = news.findIndex(
        ({ block }, at) => at >= from && rows[piece.index] && blocks.idIn(block) === rows[piece.index],
      );
      const found = said >= 0 ? said : inPlace ? index : -1;
      const stays = news[found];
      if (!stays || found < from || stays.block.isTextblock !== piece.block.isTextblock) continue;
      pairs.set(piece, stays);
      from = found + 1;
    }
    return pairs;
  };

  /** The same list as long as it is the same: most of what is typed changes no rows. */
  const isAsBefore = (start: number, end: number) =>
    rows.slice(start, end).every((id, index) => id === initial[start + index]);

  return {
    replace,
    finish(doc) {
      if (rows.length !== doc.childCount) throw new Error(`${rows.length} rows for ${doc.childCount} blocks`);
      const { start, end, oldEnd } = changedBlocks(first, doc, (index, old) => rows[index] === initial[old]);
      const olds = new Map(initial.slice(start, oldEnd).map((id, index) => [id, start + index]));
      const oldOf = (id: NodeId) => first.maybeChild(olds.get(id) ?? -1);
      const marked = marksAfter(operations, (id): Marked | undefined => {
        const block = oldOf(id);
        return block ? { marks: blocks.marks.of(block), length: block.content.size } : undefined;
      });
      for (let index = start; index < end; index++) {
        const id = rows[index];
        if (!id) continue;
        const [block, old] = [doc.child(index), oldOf(id)];
        const known = shapes.get(id) ?? (old ? blocks.shapeOf(old) : undefined);
        const update = known && updateOf(id, known, blocks.shapeOf(block));
        if (update) operations.push(update);
        // What is typed at the edge of a mark may have it here, and has it not by itself; inside it may be the other way round.
        for (const each of markingsBetween(marked(id), blocks.marks.of(block)))
          operations.push({ op: "mark", id, ...each });
      }
      return { rows: rows.length === initial.length && isAsBefore(start, end) ? initial : rows, operations };
    },
  };
}
