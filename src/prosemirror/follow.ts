import { type EditorState, Plugin, PluginKey, TextSelection, type Transaction } from "prosemirror-state";
import { ReplaceAroundStep, ReplaceStep } from "prosemirror-transform";
import type { EditorView } from "prosemirror-view";
import { type Anchor, anchor, followTexts, type NodeId, type Step, type TreeDocument } from "../client/index.ts";
import { createGroups } from "../editors/groups.ts";
import { nodesOf } from "../text/index.ts";
import type { Blocks } from "./blocks.ts";
import { idsOf, perform, type RowOperation, type RowsPlace, typedIn } from "./operations.ts";
import { placeOf, positionOf } from "./places.ts";
import { planOf, type Rows } from "./plan.ts";
import { changedBlocks, offsetOf } from "./ranges.ts";
import { readSelection } from "./selection.ts";
import { followSteps, showRows, type Tree } from "./show.ts";

/** What a transaction has done, to be done to the tree. */
interface Unsent {
  readonly operations: readonly RowOperation[];
  /** Pasted, dropped or cut. */
  readonly isAlone: boolean;
}

export interface Following {
  readonly rows: Rows;
  readonly unsent: readonly Unsent[];
  /** Another one in each state that was made from nothing. */
  readonly life: object;
}

/** In the transactions that show what the tree has already: the rows that the blocks are then. */
interface Shown {
  readonly rows: Rows;
}

export const rowsKey = new PluginKey<Following>("durable-grove");

export interface FollowSetup {
  readonly document: TreeDocument;
  readonly place: RowsPlace;
  readonly tree: Tree;
  readonly blocks: Blocks;
  /** The editor's own undo takes back what others wrote, too. */
  readonly inHistory: boolean;
}

/** Keeps rows of a tree and the blocks of an editor the same. */
export function follow(setup: FollowSetup): Plugin<Following> {
  const { blocks, place } = setup;
  const sent = new WeakSet<Unsent>();
  return new Plugin<Following>({
    key: rowsKey,
    state: {
      init: (_, { doc }) => ({ rows: Array<null>(doc.childCount).fill(null), unsent: [], life: {} }),
      apply(transaction, { rows, unsent, life }) {
        const shown: Shown | undefined = transaction.getMeta(rowsKey);
        const waiting = unsent.filter((each) => !sent.has(each));
        if (shown) return { rows: shown.rows, unsent: waiting, life };
        if (!transaction.docChanged) return { rows, unsent: waiting, life };
        const plan = planOf(transaction, rows, blocks);
        const isAlone = transaction.getMeta("uiEvent") !== undefined;
        return { rows: plan.rows, unsent: [...waiting, { operations: plan.operations, isAlone }], life };
      },
    },
    filterTransaction: (transaction, state) =>
      transaction.getMeta(rowsKey) !== undefined || isPossible(transaction, state, place, blocks),
    appendTransaction: (_transactions, old, state) => naming(old, state, blocks),
    view: (view) => createFollower(view, setup, sent),
  });
}

/** Whether rows can be what a transaction makes. Of a single text that is not there nothing can be made. */
function isPossible(
  { docChanged, steps, doc }: Transaction,
  state: EditorState,
  { parent }: RowsPlace,
  blocks: Blocks,
): boolean {
  if (!docChanged) return true;
  if (parent === null && (doc.childCount !== 1 || followingOf(state).rows[0] === null)) return false;
  return steps.every(
    (step) => !(step instanceof ReplaceStep || step instanceof ReplaceAroundStep) || blocks.fits(step.slice.content),
  );
}

/** Blocks say the ids of their rows: what was split or pasted says those of others, or none. */
function naming(old: EditorState, state: EditorState, blocks: Blocks): Transaction | null {
  if (old.doc === state.doc) return null;
  const [before, { rows }] = [followingOf(old).rows, followingOf(state)];
  const { tr, storedMarks } = state;
  const { start, end } = changedBlocks(old.doc, state.doc, (index, oldIndex) => rows[index] === before[oldIndex]);
  let offset = offsetOf(state.doc, start);
  for (let index = start; index < end; index++) {
    const block = state.doc.child(index);
    const id = rows[index] ?? null;
    if (blocks.hasId(block.type) && blocks.idIn(block) !== id) blocks.name(tr, offset, id);
    offset += block.nodeSize;
  }
  if (!tr.docChanged) return null;
  const shown: Shown = { rows };
  // A step forgets the marks that the next character is to have.
  return tr.setMeta(rowsKey, shown).setMeta("addToHistory", false).setStoredMarks(storedMarks);
}

/** Both ends of what is selected, as places in texts. */
interface Held {
  readonly anchor: Anchor;
  readonly head: Anchor;
}

function createFollower(view: EditorView, setup: FollowSetup, sent: WeakSet<Unsent>) {
  const { document, place, tree, blocks, inHistory } = setup;
  let { life } = followingOf(view.state);
  let held: Held | null = null;
  let steps: Step[] = [];
  let sending = false;
  const groups = createGroups();
  let isOver = false;
  /** What has changed while something was sent. */
  let changed = new Set<NodeId>();

  const send = (): boolean => {
    const unsent = followingOf(view.state).unsent.filter((each) => !sent.has(each));
    for (const each of unsent) sent.add(each);
    const operations = unsent.flatMap((each) => each.operations);
    if (operations.length === 0) return false;
    const isAlone = unsent.some((each) => each.isAlone);
    const group = groupOf(operations, isAlone);
    sending = true;
    document.mutate(
      (tx) => {
        for (const operation of operations) perform(tx, operation, place);
      },
      { group },
    );
    sending = false;
    // Also where it came to nothing: a surrogate pair is never cut.
    if (changed.size > 0) for (const operation of operations) for (const id of idsOf(operation)) changed.add(id);
    return true;
  };
  const groupOf = (operations: readonly RowOperation[], isAlone: boolean): string | undefined => {
    const typed = typedIn(operations);
    if (typed) return groups.of(typed.changes, { row: typed.id, isAlone, isComposing: view.composing });
    groups.end();
    return undefined;
  };
  /** Shows what the tree has. `touched`: the rows to look at; null: all. `along`: a caret goes with what is put right at it. */
  const show = (touched: ReadonlySet<NodeId> | null, along = false) => {
    const { state } = view;
    const { rows } = followingOf(state);
    const transaction = state.tr;
    const followed = followSteps(transaction, rows, steps, tree, blocks);
    const looked = touched && new Set([...touched, ...steps.flatMap(nodesOf)]);
    steps = [];
    const shown: Shown = { rows: showRows(transaction, followed, tree, blocks, looked) };
    if (!transaction.docChanged && isSameList(shown.rows, rows)) return;
    if (!along) restore(transaction, state, shown.rows);
    transaction.setMeta(rowsKey, shown).setMeta("addToHistory", inHistory).setStoredMarks(state.storedMarks);
    view.dispatch(transaction);
  };
  /** Leaves the selection where it is in the texts: a caret left of what is put there. */
  const restore = (transaction: Transaction, { selection }: EditorState, rows: Rows) => {
    if (!held || !(selection instanceof TextSelection)) return;
    const { doc } = transaction;
    const [from, to] = [positionOf(held.anchor.at, rows, doc), positionOf(held.head.at, rows, doc)];
    if (from === null || to === null) return;
    const { anchor, head } = transaction.selection;
    if (anchor !== from || head !== to) transaction.setSelection(TextSelection.create(doc, from, to));
  };
  const hold = () => {
    held?.anchor.release();
    held?.head.release();
    const { selection } = view.state;
    const { rows } = followingOf(view.state);
    const [anchored, head] = [selection.$anchor, selection.$head].map((end) => {
      const place = placeOf(end, rows, tree.attr);
      return place && anchor(document, place.id, place.attr, place.index);
    });
    held = anchored && head ? { anchor: anchored, head } : null;
  };

  /** Looks at what has come of what was made here: with another change in between, or a refusal, the tree is right. */
  const sendAndShow = () => {
    changed = new Set();
    const isSent = send();
    hold();
    // Where nothing has changed at all it was refused.
    if (isSent) show(changed.size > 0 ? changed : null);
  };

  const stops = [
    followTexts(document, (told) => {
      if (!sending) steps.push(...told);
    }),
    document.on("change", ({ ids, source }) => {
      if (sending) {
        for (const id of ids) changed.add(id);
        return;
      }
      readSelection(view);
      // What was made here and is not sent yet is older than what has changed now.
      show(send() ? null : ids, source === "local");
    }),
  ];
  queueMicrotask(() => {
    if (!isOver) show(null);
  });
  return {
    update(_: EditorView, old: EditorState) {
      const { life: now } = followingOf(view.state);
      if (now !== life) {
        life = now;
        return show(null);
      }
      if (old.doc !== view.state.doc) sendAndShow();
      else if (!old.selection.eq(view.state.selection)) {
        if (!view.composing) groups.end();
        hold();
      }
    },
    destroy() {
      isOver = true;
      for (const stop of stops) stop();
      held?.anchor.release();
      held?.head.release();
    },
  };
}

function isSameList(one: Rows, other: Rows): boolean {
  return one === other || (one.length === other.length && one.every((id, index) => id === other[index]));
}

function followingOf(state: EditorState): Following {
  const following = rowsKey.getState(state);
  if (!following) throw new Error("the plugin is not in the state");
  return following;
}
