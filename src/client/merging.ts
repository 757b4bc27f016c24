import type { TreeEvent } from "../protocol/index.ts";
import type { Step as TextStep } from "../text/index.ts";
import type { MutationContext, Operation, ReadStore, TextOperation } from "../tree/index.ts";
import type { Foresight } from "./foresight.ts";
import type { Pending } from "./pending.ts";
import type { Step } from "./step.ts";

/** What merges texts (docs/spec.md, section X). It is in `text/`, and loaded by who edits any. */
export interface Merging {
  /** Lets operations on texts be decided; alone, as by an author who has seen everything. */
  readonly deciding: Partial<MutationContext>;
  /** The operation as it cuts no surrogate pair. */
  whole(tree: ReadStore, operation: TextOperation): TextOperation;
  /** What a mutation asks of texts, by what it does where its author makes it; undefined where it is not about any. */
  asked(step: Step, ops: readonly Operation[]): readonly TextStep[] | undefined;
  /** What undo does to texts is shown from now on. */
  foresee(by: Foresight, all: readonly Pending[]): void;
  readonly foresight: Foresight | null;
  /** Something else is seen than before, and nobody tells by which steps; these are pending. */
  begins(all: readonly Pending[]): void;
  /** A mutation becomes the last pending one. */
  made(pending: Pending): void;
  /** The mutation that is not sent yet and has taken in a new one; null where there is none that can. */
  grown(all: readonly Pending[], made: Pending): Pending | null;
  /** Tells of each pending mutation, in their order, what its author had not seen. */
  sight(): (pending: Pending, context: MutationContext) => MutationContext;
  /** Events come that were not heard before. Until it is `done` nothing has happened. */
  hearing(all: readonly Pending[]): Hearing;
  /** Another tree is about to take the place of the one there was. It has our mutations up to `answered` in it. */
  replaced(old: ReadStore | null, now: ReadStore, seq: number, all: readonly Pending[], answered: number): void;
  /** All that there is has been heard, up to `seq`, and nothing is under way. Our mutations up to `answered` are decided. */
  caughtUp(seq: number, all: readonly Pending[], answered: number): void;
  /** A mutation of ours was refused, and what was sent behind it waits: these, of which it is one, are asked for as they are without it. */
  refused(mutation: Pending, all: readonly Pending[]): void;
  /**
   * The object has refused, undecided, a mutation for the age of its base: it, and what its client has made behind it, has seen `tree`
   * from now on, which is that of `seq`.
   */
  aged(refused: Pick<Pending, "client" | "mutation">, tree: ReadStore, seq: number, all: readonly Pending[]): void;
}

/** What was heard of texts: by somebody else, or an answer to what was asked for at a base. */
export interface Missed {
  readonly seq: number;
  readonly steps: readonly TextStep[];
  /** Of an answer. */
  readonly base?: number | undefined;
  /** Of an undo: what that has come to. */
  readonly done?: readonly TextStep[] | undefined;
}

/** Where that outlives the page; what is kept in one task is kept together. */
export interface Kept {
  /** What was heard at the last visit while something was pending. */
  readonly missed: readonly Missed[];
  /** Null: nothing of it is needed any more. */
  keepMissed(more: readonly Missed[] | null): void;
  /** A pending mutation is another one now. */
  add(pending: Pending, kept: () => void): void;
}

export interface Hearing {
  /** The next event, and the mutation that it answers, before it is applied to this tree. */
  next(tree: ReadStore, event: TreeEvent, mine: Pending | undefined): void;
  /** These have no answer yet. Gives back how what is seen comes to what it will be. */
  done(left: readonly Pending[]): readonly TextStep[] | undefined;
}
