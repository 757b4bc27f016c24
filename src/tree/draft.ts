import type { Step as TextStep } from "../text/index.ts";
import type { Burial } from "./above.ts";
import type { Budget } from "./budget.ts";
import type { FlatNode } from "./flat.ts";
import type { Attrs, NodeId, NodeRecord } from "./node.ts";
import type { Effect, Inverse, Place, TextOperation, Undo, Update } from "./operations.ts";
import type { Store } from "./store.ts";
import type { Lost, Receipts, Refusal, Skipped, Verdict } from "./verdict.ts";

/** `resolve`: redirect and rescue, with receipts. `reject`: refuse instead, with `removed` and `unseen`. */
export type ConflictPolicy = "resolve" | "reject";

/** What the conflict rules need to know of a mutation besides its operations. */
export interface MutationContext {
  /** The seq that the event will have. */
  readonly seq: number;
  /** For nodes that come without an id. */
  readonly newId: () => NodeId;
  /** Whether the author had seen the event `seq`; without it, the author saw everything. */
  readonly sees?: ((seq: number) => boolean) | undefined;
  /** Up to here its author had seen everything; of what is later, what it did itself. Default: everything. */
  readonly base?: number | undefined;
  /** Default `resolve`. */
  readonly conflicts?: ConflictPolicy | undefined;
  /** Says what is wrong with a node's attributes as they would become, or null; `old` is what they were. */
  readonly attrsProblem?: AttrsProblem | undefined;
  /** That of this very mutation. Default: it may drag along any amount. */
  readonly budget?: Budget | undefined;
  /** Of the object alone (`keeper.ts`). */
  readonly keeper?: Keeper | undefined;
  /** Of who edits texts, or lets others do so. */
  readonly texts?: Texts | undefined;
  /** What has happened, as far as it is known. */
  readonly history?: History | undefined;
  /** Decides it aside (`approve.ts`). Handed in, so that who needs no approval need not load it. */
  readonly aside?: Aside | undefined;
}

/** `old` is what they were; where a text of theirs was edited that is all that differs, `come` is new in it and `gone` is not. */
type AttrsProblem = (
  attrs: Attrs,
  old?: Attrs,
  edited?: { readonly come: string; readonly gone: string },
) => string | null;

/** Operations on texts, and what their author has seen. */
export interface Texts {
  /** Decides one: `decideText`. Handed in, so that who edits no texts need not load it. */
  decide(draft: Draft, operation: TextOperation): Refusal | null;
  /** Takes out of an update what merges with what others have edited unseen, and does it: `mergeUpdate`. */
  merge(draft: Draft, operation: Update): Update | Refusal;
  /** What its author has not seen; without it, it saw everything. */
  readonly sight?: TextSight | undefined;
  /** Undo as its author sees it, for who knows no other: `undoShown`. */
  readonly undo?: TextHistory | undefined;
}

/** What others have done to texts that an author has not seen, seen from where that one is. */
export interface TextSight {
  /** How much that is; 0: it has seen everything. */
  readonly size: number;
  /** The units that a text had for the author, from those that it has now. */
  lengthOf(id: NodeId, attr: string, now: number): number;
  /** What a step of the author comes to; then it stands behind that. */
  take(step: TextStep): readonly TextStep[];
  /** It has taken more than one mutation may: nothing of that is of any use. */
  readonly isOver?: boolean;
  /** The text that the author saw, where others have edited it since; undefined where they have not, or nobody knows. */
  seen?(id: NodeId, attr: string): string | undefined;
}

/** Has a mutation decided on a store of its own; `ends` is told how many effects there are after each operation. */
export type Aside = (store: Store, decide: (layer: Store, ends: number[]) => Verdict) => Verdict;

/** One mutation as it took effect. */
export interface Step {
  readonly seq: number;
  /** Its counter, where who decides asks for it. */
  readonly mutation?: number | undefined;
  readonly effects: readonly Effect[];
  /** What undoes it, newest first. */
  readonly inverse: readonly Inverse[];
  /** The events that it undid, or did again, itself. */
  readonly undoes?: readonly number[] | undefined;
  readonly redoes?: readonly number[] | undefined;
}

export interface History {
  /** What an undo or redo names, in the order of the document: without those that came to nothing; or why it may not. */
  named(operation: Undo): readonly Step[] | Refusal;
  /** The event of a seq, if it is known. */
  at(seq: number): Step | undefined;
  /** Why it does not know an event. */
  lacks(seq: number): Refusal;
  /** Why it may not be so much; null if it may. Of the object alone. */
  refuse?(steps: readonly Step[]): Refusal | null;
  /** Decides it: `decideUndo`. Handed in, so that who does not undo need not load it. */
  decide(draft: Draft, operation: Undo): Refusal | null;
  /** What undoes edits of texts: `undoTexts`. Handed in; without it an undo leaves them to the object. */
  readonly texts?: TextHistory | undefined;
  /** Who wrote or placed what there was at this seq is not known here: it is taken for who asks. */
  readonly since?: number | undefined;
}

export interface TextHistory {
  /** Begins an undo, which takes back, or does again, what one event after the other has done to texts. */
  begin(draft: Draft, history: History, operation: Undo): TextUndo;
}

/**
 * Both find out at once what that is, and return what does it, when the rows are where they are to be; or why it may not be done, and
 * nothing else of it then.
 */
export interface TextUndo {
  undo(step: Step): () => Refusal | null;
  redo(step: Step): () => Refusal | null;
  /** All of it is done. */
  end?(): void;
}

/**
 * What only the object, which keeps everything, has to see to. A replica shows a mutation without it until the event comes,
 * and loads none of it.
 */
export interface Keeper {
  /** Why these new nodes, or a node with all below it, may not stand under `parent`; null if they may (T11). */
  tooDeep(store: Store, parent: NodeId, branch: readonly FlatNode[] | Readonly<NodeRecord>): Refusal | null;
  /** The outermost nodes below `top` that are not known to the author, in document order; null where that is too much (C14). */
  unseenIn(store: Store, top: Readonly<NodeRecord>, isKnown: IsKnown, sees: (seq: number) => boolean): NodeId[] | null;
  /** A removal by somebody who has not seen that the node is gone already (C9). */
  removeOnceMore(draft: Draft, node: Readonly<NodeRecord>, burial: Burial): void;
  /** Where a node stood beside what is removed again, until undoing that took it home. */
  cameFrom(
    store: Store,
    above: Readonly<NodeRecord>,
    node: Readonly<NodeRecord>,
    redo: number | undefined,
  ): Place | null;
  /** The same for who has seen what there was up to an event, and nothing since; nor these. */
  placedSince(
    store: Store,
    top: Readonly<NodeRecord>,
    isKnown: IsKnown,
    seq: number,
    kept: readonly NodeId[],
  ): NodeId[] | null;
  /** Nodes of the branch that others have updated unseen, and when: some of them. */
  updatedIn(store: Store, top: NodeId): readonly { readonly id: NodeId; readonly seq: number }[];
  /** The nodes of a removed branch, if they are so few and small that an event carries them when they come back (T7). */
  carried(store: Store, top: NodeId): Readonly<NodeRecord>[] | null;
}

/** What may still be looked at to find what an author has not seen. */
export interface Looks {
  left: number;
  /** What was looked at before: it is in memory. */
  readonly met: Set<NodeId>;
}

/** Whether the author has seen that a node stands where it does. */
export type IsKnown = (node: Pick<NodeRecord, "id" | "placed">) => boolean;

/** A mutation under way: the store it writes to, and what has come of it so far. */
export interface Draft {
  readonly store: Store;
  readonly context: MutationContext;
  ops: Effect[];
  /** In the order of the effects; turned round at the end. */
  inverse: Inverse[];
  /** Null while empty: nearly every mutation ends so. */
  redirected: Set<NodeId> | null;
  rescued: Set<NodeId> | null;
  removed: Set<NodeId> | null;
  updated: Set<NodeId> | null;
  skipped: Skipped[];
  lost: Lost[];
  undoes: readonly number[] | null;
  redoes: readonly number[] | null;
}

/** A receipt that is a list of nodes. */
export type ListedReceipt = Exclude<keyof Receipts, "skipped">;
