import type { TreeDocument } from "durable-grove/react";

export type Kind = "undo" | "redo";

/** "own": one that `createUndo` has. Else the event that the server has made for us. */
type Step = { readonly seq: number } | { readonly own: string | undefined };

/** In which order things were done here. `createUndo` knows what this client did, and nothing of a restore, which is asked for over HTTP. */
export interface Steps {
  /** A mutation was made here: one of the same group as that before belongs to its step. */
  made(group?: string): void;
  /** The server has made the event `seq` for us. */
  asked(seq: number): void;
  /** Takes the next one: a seq, or "own"; null where there is none. `hasOwn`: whether `createUndo` has any. */
  take(kind: Kind, hasOwn: boolean): number | "own" | null;
  /** The event `seq` is undone, or done again, out of turn; or that has come to nothing. False where it is already. */
  moved(kind: Kind, seq: number): boolean;
  has(kind: Kind, hasOwn: boolean): boolean;
  subscribe(changed: () => void): () => void;
}

const known = new WeakMap<TreeDocument, Steps>();

export function stepsOf(doc: TreeDocument): Steps {
  const steps = known.get(doc) ?? createSteps();
  known.set(doc, steps);
  return steps;
}

export function createSteps(): Steps {
  const stacks: Record<Kind, Step[]> = { undo: [], redo: [] };
  const listeners = new Set<() => void>();
  /** From the first event on: what was done before that stands below all of this, in the order of `createUndo`. */
  let isKept = false;
  /** Whether a mutation of its group joins the last step. */
  let isOpen = false;
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const done = (step: Step) => {
    stacks.undo.push(step);
    stacks.redo = [];
    changed();
  };
  return {
    made(group) {
      const last = stacks.undo.at(-1);
      const joins = isOpen && group !== undefined && last !== undefined && "own" in last && last.own === group;
      isOpen = true;
      if (isKept && !joins) done({ own: group });
    },
    asked(seq) {
      isKept = true;
      done({ seq });
    },
    take(kind, hasOwn) {
      isOpen = false;
      const stack = stacks[kind];
      const below: Step[] = hasOwn && (kind === "undo" || !isKept) ? [{ own: undefined }] : [];
      const step =
        stack
          .splice(
            Math.max(
              stack.findLastIndex((each) => hasOwn || "seq" in each),
              0,
            ),
          )
          .at(0) ?? below[0];
      if (!step || ("own" in step && !hasOwn)) return null;
      if (isKept) stacks[other(kind)].push(step);
      changed();
      return "seq" in step ? step.seq : "own";
    },
    moved(kind, seq) {
      const step = stacks[kind].findLast((each) => "seq" in each && each.seq === seq);
      if (!step) return false;
      stacks[kind] = stacks[kind].filter((each) => each !== step);
      stacks[other(kind)].push(step);
      changed();
      return true;
    },
    has: (kind, hasOwn) =>
      stacks[kind].some((each) => hasOwn || "seq" in each) || (hasOwn && (kind === "undo" || !isKept)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function other(kind: Kind): Kind {
  return kind === "undo" ? "redo" : "undo";
}
