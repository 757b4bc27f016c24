import type { Meta } from "../../protocol/index.ts";
import { mutate, type ReadStore } from "../../tree/index.ts";
import type { Mutation, TreeDocument } from "../document.ts";
import { createEmitter } from "../emitter.ts";
import type { Engine, UndoHook } from "../engine.ts";
import { internalsOf } from "../internals.ts";
import { createStep } from "../step.ts";
import { recorder } from "./recorder.ts";
import { createRelearning } from "./relearn.ts";
import { createUndoStacks, type UndoKind } from "./stacks.ts";
import { type Skipped, unmake } from "./unmake.ts";

/** Takes back what this client did, newest first, without overwriting what others did later. */
export interface Undo {
  undo(): Undone;
  redo(): Undone;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Calls back when `canUndo` or `canRedo` has changed. */
  subscribe(listener: () => void): () => void;
}

export interface Undone {
  /** Null where there was nothing to undo, or nothing that could be. */
  readonly mutation: Mutation | null;
  /** What was left as it is, and why. */
  readonly skipped: readonly Skipped[];
}

const known = new WeakMap<TreeDocument, Undo>();

/**
 * Undo and redo for a document, the same object however often it is asked for. It knows the last 100 mutations or groups
 * of this client: those made while the document is open, those that were kept, and, as soon as it is connected, those
 * among the last 1 000 events of the document's history.
 */
export function createUndo(document: TreeDocument): Undo {
  const made = known.get(document) ?? create(document);
  known.set(document, made);
  return made;
}

function create(document: TreeDocument): Undo {
  const { address, failed, whenRunning } = internalsOf(document);
  const stacks = createUndoStacks();
  const { on, emit } = createEmitter<{ changed: null }>(address.platform.report);
  let engine: Engine | null = null;
  let told = "";
  const changed = () => {
    const now = `${stacks.canUndo} ${stacks.canRedo}`;
    if (now !== told) emit("changed", null);
    told = now;
  };

  whenRunning((running) => {
    engine = running;
    running.replica.record(recorder);
    const relearning = createRelearning(stacks, running.replica, address, failed, changed, running.rework);
    const hook: UndoHook = {
      ...relearning,
      get waiting() {
        return relearning.waiting;
      },
      made(...made: Parameters<typeof stacks.made>) {
        stacks.made(...made);
        changed();
      },
      dropped(step) {
        stacks.dropped(step);
        changed();
      },
    };
    running.attach(hook, document.status.state === "live");
  });

  const take = (kind: UndoKind): Undone => {
    const tree = engine?.replica.tree;
    if (!engine || !tree || document.status.state === "closed") return { mutation: null, skipped: [] };
    const { layer, context } = engine.writer.draft();
    const group = stacks.take(kind);
    if (!group) return { mutation: null, skipped: [] };
    const make = (from: ReadStore) => unmake(from, group.steps, context, stacks.isTouched);
    const { ops, skipped } = make(tree);
    if (ops.length === 0) {
      changed();
      return { mutation: null, skipped };
    }
    const verdict = mutate(layer, ops, context);
    const step = verdict.ok ? { effects: verdict.ops, inverse: verdict.inverse } : {};
    const meta: Meta = { undo: kind };
    return {
      mutation: engine.writer.push(layer, { ...createStep(0), ...step }, ops, meta, (from) => make(from).ops),
      skipped,
    };
  };
  return {
    undo: () => take("undo"),
    redo: () => take("redo"),
    get canUndo() {
      return stacks.canUndo;
    },
    get canRedo() {
      return stacks.canRedo;
    },
    subscribe: (listener) => on("changed", listener),
  };
}
