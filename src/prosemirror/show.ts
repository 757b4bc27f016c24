import { Fragment, type Node, Slice } from "prosemirror-model";
import type { Transaction } from "prosemirror-state";
import { canJoin, canSplit, ReplaceStep } from "prosemirror-transform";
import type { NodeId, TreeNode } from "../client/index.ts";
import { type Changes, difference, increasing, lengthBefore, type SplitStep, type Step } from "../text/index.ts";
import { type Blocks, isSameAttr, textOfAttr } from "./blocks.ts";
import { markingsBetween } from "./marks.ts";
import type { Rows } from "./plan.ts";
import { offsetOf } from "./ranges.ts";

/** The rows as they are in the tree. */
export interface Tree {
  rows(): readonly NodeId[];
  get(id: NodeId): TreeNode | undefined;
  readonly attr: string;
}

const FEW = 8;

/**
 * Makes the document of an editor what the tree is, in as few and as small steps as it takes; what positions there were go along. `touched`
 * are the rows that may be others than what is shown; null: any. Gives back the rows that the blocks are then.
 */
export function showRows(
  transaction: Transaction,
  rows: Rows,
  tree: Tree,
  blocks: Blocks,
  touched: ReadonlySet<NodeId> | null,
): Rows {
  const arranged = arrange(transaction, rows, tree, blocks);
  const look = (id: NodeId, index: number, offset: number) => {
    const row = tree.get(id);
    if (row) correct(transaction, index, offset, row, tree.attr, blocks);
  };
  if (touched !== null && touched.size <= FEW) {
    // Which is what others do with a key: not all rows are gone through then.
    for (const id of touched) {
      const index = arranged.indexOf(id);
      if (index >= 0) look(id, index, offsetOf(transaction.doc, index));
    }
    return arranged;
  }
  let offset = 0;
  for (const [index, id] of arranged.entries()) {
    if (id !== null && (touched === null || touched.has(id))) look(id, index, offset);
    offset += transaction.doc.child(index).nodeSize;
  }
  return arranged;
}

/** Takes away blocks that are no rows, puts in those that are missing, and moves the fewest that are out of order. */
function arrange(transaction: Transaction, shown: Rows, { rows: live, get }: Tree, blocks: Blocks): Rows {
  const rows = live();
  // The list of the tree is the same as long as it is the same.
  if (rows === shown || (rows.length === shown.length && rows.every((id, index) => id === shown[index]))) return rows;
  if (rows.length === 0 && shown.length === 1 && shown[0] === null && transaction.doc.childCount === 1) return shown;
  const places = new Map(rows.map((id, index) => [id, index]));
  const kept = new Set(increasing(shown.map((id) => (id === null ? undefined : places.get(id)))));
  const wanted: Rows = rows.length > 0 ? rows : [null];
  const made = (id: NodeId | null): Node => {
    const row = id === null ? undefined : get(id);
    return row ? blocks.blockOf(row) : blocks.blank();
  };
  // From the end, so that what stands before is where it was.
  let row = wanted.length - 1;
  let end = transaction.doc.content.size;
  for (let index = shown.length - 1; index >= -1; ) {
    const added: Node[] = [];
    while (row >= 0 && !kept.has(row)) added.push(made(wanted[row--] ?? null));
    let start = end;
    while (index >= 0 && !isKept(shown[index], places, kept)) start -= transaction.doc.child(index--).nodeSize;
    if (added.length > 0 || start < end) {
      transaction.step(new ReplaceStep(start, end, new Slice(Fragment.from(added.reverse()), 0, 0)));
    }
    if (index < 0) break;
    end = start - transaction.doc.child(index--).nodeSize;
    row--;
  }
  return wanted;
}

function isKept(
  id: NodeId | null | undefined,
  places: ReadonlyMap<NodeId, number>,
  kept: ReadonlySet<number>,
): boolean {
  const place = id ? places.get(id) : undefined;
  return place !== undefined && kept.has(place);
}

/** Gives one block the type, the attributes and the text of its row. */
function correct(
  transaction: Transaction,
  index: number,
  offset: number,
  row: TreeNode,
  attr: string,
  blocks: Blocks,
): void {
  const block = transaction.doc.child(index);
  const { type, attrs } = blocks.look(row);
  const isOther = block.type !== type || Object.keys(attrs).some((name) => !isSameAttr(block.attrs[name], attrs[name]));
  if (isOther && (block.isLeaf || !type.validContent(block.content))) {
    const slice = new Slice(Fragment.from(blocks.blockOf(row)), 0, 0);
    transaction.step(new ReplaceStep(offset, offset + block.nodeSize, slice));
    return;
  }
  if (isOther) transaction.setNodeMarkup(offset, type, attrs, block.marks);
  if (!type.isTextblock) return;
  change(transaction, index, offset, difference(blocks.textOf(block), textOfAttr(row.attrs[attr])), blocks);
  const [shown, wanted] = [transaction.doc.child(index), blocks.blockOf(row)].map(blocks.marks.of);
  blocks.marks.put(transaction, offset + 1, markingsBetween(shown ?? [], wanted ?? []));
}

/** Changes the text of one block. What is inserted gets the marks that both of its neighbours have, as in the tree. */
function change(transaction: Transaction, index: number, offset: number, changes: Changes, blocks: Blocks): void {
  let at = offset + 1;
  for (const part of changes) {
    if (typeof part === "string") {
      const { type } = transaction.doc.child(index);
      const { nodeBefore, nodeAfter } = transaction.doc.resolve(at);
      const worn = nodeBefore?.marks.filter((mark) => nodeAfter && mark.isInSet(nodeAfter.marks)) ?? [];
      const content = blocks.inline(part, type, worn);
      transaction.step(new ReplaceStep(at, at, new Slice(content, 0, 0)));
      at += part.length;
    } else if (part < 0) transaction.step(new ReplaceStep(at, at - part, Slice.empty));
    else at += part;
  }
}

/**
 * Does in the editor what has been done to the texts, step by step: what goes from one row to another takes positions along. What is no row here,
 * or stands elsewhere, is left to `showRows`.
 */
export function followSteps(
  transaction: Transaction,
  shown: Rows,
  steps: readonly Step[],
  tree: Tree,
  blocks: Blocks,
): Rows {
  const rows = [...shown];
  for (const step of steps) {
    const index = rows.indexOf(step.id);
    const block = index < 0 ? undefined : transaction.doc.child(index);
    if (step.attr !== tree.attr || !block?.isTextblock) continue;
    const offset = offsetOf(transaction.doc, index);
    const length = block.content.size;
    switch (step.op) {
      case "edit":
        if (lengthBefore(step.changes) <= length) change(transaction, index, offset, step.changes, blocks);
        break;
      case "split":
        if (step.length === length) split(transaction, rows, index, offset, step, tree, blocks);
        break;
      case "join":
        if (step.length === length && rows[index - 1] === step.into && canJoin(transaction.doc, offset)) {
          transaction.join(offset);
          rows.splice(index, 1);
        }
        break;
      case "mark":
        // Moves no position: `showRows` gives all these rows their marks.
        break;
      default:
        return assertNever(step);
    }
  }
  return rows;
}

function split(
  transaction: Transaction,
  rows: (NodeId | null)[],
  index: number,
  offset: number,
  { at, node, head }: SplitStep,
  { get }: Tree,
  blocks: Blocks,
): void {
  const made = get(node);
  if (!made || rows.includes(node)) return;
  const look = blocks.look(made);
  const { type, attrs } = transaction.doc.child(index);
  const behind = head ? { type, attrs } : look;
  const position = offset + 1 + at;
  if (!look.type.isTextblock || !canSplit(transaction.doc, position, 1, [behind])) return;
  transaction.split(position, 1, [behind]);
  if (head) transaction.setNodeMarkup(offset, look.type, look.attrs);
  rows.splice(head ? index : index + 1, 0, node);
}

function assertNever(step: never): never {
  throw new Error(`unknown step ${JSON.stringify(step)}`);
}
