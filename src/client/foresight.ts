import type { Step as TextStep } from "../text/index.ts";
import type { ShownStep, TextHistory, Undo } from "../tree/index.ts";
import type { Pending } from "./pending.ts";
import type { Step } from "./step.ts";

/** What a mutation has done. */
export type Done = Pick<Step, "seq" | "effects" | "inverse">;

/** Shows at once what undo does to texts. It is in `text/`, and loaded by who asks for it. */
export interface Foresight {
  /** A mutation of ours is seen; one that has grown, by this step. `named` are those that an undo may be of. */
  made(pending: Pending, by?: Step, named?: readonly Step[]): void;
  /** What else has changed is seen, by these steps; by unknown ones all that was known is of no use. */
  others(steps: readonly TextStep[] | undefined): void;
  /** What an undo or redo of these mutations does to texts, as it is seen; undefined where that is not known. */
  undoing(kind: Undo["op"], mutations: readonly number[]): readonly ShownStep[] | undefined;
  /** The same for what an undo of these has come to here. */
  told(done: Done, named: readonly Step[]): readonly ShownStep[];
  /** Does what an undo says that it does. */
  readonly history: TextHistory;
}
