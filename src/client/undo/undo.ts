import type { ErrorCode } from "../../protocol/index.ts";
import { isUndo, mutate, type Operation, type Skipped } from "../../tree/index.ts";
import type { Mutation, TreeDocument } from "../document.ts";
import { createEmitter } from "../emitter.ts";
import type { Engine, UndoHook } from "../engine.ts";
import { internalsOf } from "../internals.ts";
import type { Recorder } from "../replica.ts";
import { createRecorder } from "./recorder.ts";
import { createUndoStacks, type UndoKind } from "./stacks.ts";

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
  /** Null where there was nothing to undo. Its event says in the end what was left as it is: `skipped`. */
  readonly mutation: Mutation | null;
  /** What is left as it is, and why, as far as it is known here. */
  readonly skipped: readonly Skipped[];
}

const known = new WeakMap<TreeDocument, Undo>();

/**
 * Undo and redo for a document, the same object however often it is asked for. It names to the server what is to be undone,
 * and shows what will come of it: the last 100 mutations or groups of this client, those made since it was asked for first,
 * and, with `persist`, those of earlier visits.
 */
export function createUndo(document: TreeDocument): Undo {
  const made = known.get(document) ?? create(document);
  known.set(document, made);
  return made;
}

function create(document: TreeDocument): Undo {
  const { address, whenRunning } = internalsOf(document);
  let stacks = createUndoStacks();
  const { on, emit } = createEmitter<{ changed: null }>(address.platform.report);
  let recorder: Recorder | null = null;
  let engine: Engine | null = null;
  let told = "";
  const undo: Undo = {
    undo: () => take("undo"),
    redo: () => take("redo"),
    get canUndo() {
      return stacks.saved.undo.length > 0;
    },
    get canRedo() {
      return stacks.saved.redo.length > 0;
    },
    subscribe: (listener) => on("changed", listener),
  };
  const changed = () => {
    engine?.saved?.keepUndo(stacks.saved);
    const now = `${undo.canUndo} ${undo.canRedo}`;
    if (now !== told) emit("changed", null);
    told = now;
  };

  whenRunning((running) => {
    engine = running;
    const { replica, saved } = running;
    recorder = createRecorder(replica.client);
    stacks = createUndoStacks(saved?.undo);
    for (const { client, mutation, ops, meta } of replica.pending)
      if (client === replica.client && !isUndo(ops[0]) && !stacks.has(mutation)) stacks.made(mutation, ops, meta);
    const hook: UndoHook = {
      made(mutation, ops, meta) {
        if (!isUndo(ops[0])) stacks.made(mutation, ops, meta);
        changed();
      },
      dropped(mutation, code) {
        stacks.dropped(mutation, code !== null && MAY_COME_TO_PASS.includes(code));
        changed();
      },
      reborn() {
        recorder?.forget();
        stacks = createUndoStacks();
        changed();
      },
    };
    running.attach(hook, recorder);
    changed();
  });

  const take = (kind: UndoKind): Undone => {
    if (!engine?.replica.tree || document.status.state === "closed") return { mutation: null, skipped: [] };
    const { layer, context } = engine.writer.draft();
    const group = stacks.take(kind);
    if (!group) return { mutation: null, skipped: [] };
    const { merging, pending, client } = engine.replica;
    const { mutations } = group;
    const foresight = merging?.foresight;
    const operation = { op: kind, mutations, shown: foresight?.undoing(kind, mutations) };
    const named = recorder?.history(pending, 0, client).named(operation);
    const verdict = mutate(layer, [operation], context);
    const done = verdict.ok && { seq: context.seq, effects: verdict.ops, inverse: verdict.inverse };
    const told = (done && foresight?.told(done, named ?? [])) || [];
    // What was foreseen may not be done: what is told is what is seen.
    const ops: Operation[] = [operation.shown || told.length > 0 ? { ...operation, shown: told } : operation];
    stacks.taken(kind, group, engine.writer.next);
    const mutation = engine.writer.push(layer, verdict, ops, undefined, named);
    return { mutation, skipped: (verdict.ok && verdict.receipts.skipped) || [] };
  };
  return undo;
}

/** Refused so, an undo may be accepted another time. */
const MAY_COME_TO_PASS: readonly ErrorCode[] = ["forbidden", "rateLimited", "unavailable", "unauthorised"];
