import type { Effect, Inverse, NodeId } from "../tree/index.ts";

/** One mutation of ours as undo needs it. While it is pending this is what it does to the tree as it is now. */
export interface Step {
  readonly mutation: number;
  /** That of its event; null while there is none. */
  seq: number | null;
  effects: readonly Effect[];
  /** What takes it back, in the order to apply it. */
  inverse: readonly Inverse[];
  /** Where all that went with a removed node stood, parents first. */
  stood: readonly Standing[];
}

export interface Standing {
  readonly id: NodeId;
  readonly parent: NodeId;
  readonly after: NodeId | null;
}

export function createStep(mutation: number): Step {
  return { mutation, seq: null, effects: [], inverse: [], stood: [] };
}
