import { FRAME_LIMITS, type Meta } from "../../protocol/index.ts";
import type { Effect } from "../../tree/index.ts";
import type { Step } from "../step.ts";
import { touchesOf } from "./unmake.ts";

/**
 * How mutations are told apart in the history: `meta.group` names the group that one belongs to, `meta.undo` says
 * `undo` or `redo` of one that takes another back.
 */
export type UndoKind = "undo" | "redo";

/** What undo and redo are made of: our own mutations in groups, and what others have touched since. */
export interface UndoStacks {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** A mutation of ours has been made. */
  made(step: Step, meta: Meta | undefined): void;
  /** It will not be, or has come to nothing; what it undid can be undone once more. */
  dropped(step: Step): void;
  /** Someone else's event. */
  touched(event: Others): void;
  isTouched(what: string, since: Step): boolean;
  /** Takes the newest group off a stack. The mutation that takes it back is to be `made` with that kind in its `meta.undo`. */
  take(kind: UndoKind): Group | null;
  /** Forgets everything, and learns it anew from what happened, in order: mutations of ours, and events of others. */
  relearn(past: readonly (Own | Others)[]): void;
}

export interface Own {
  readonly step: Step;
  readonly meta?: Meta | undefined;
  /** Called with the group that it takes back, where it takes one back. */
  readonly undoes?: (group: Group) => void;
}

export interface Others {
  readonly seq: number;
  readonly ops: readonly Effect[];
}

export interface Group {
  readonly name: string | undefined;
  readonly steps: Step[];
  /** The group that was taken off the other stack for it. */
  readonly from: Group | null;
}

/** Groups that can be undone. */
const DEPTH = 100;
/** What others have touched, one entry each; with more, undo reaches back less far. */
const TOUCHES_KEPT = 50_000;

export function createUndoStacks(): UndoStacks {
  const stacks: Record<UndoKind, Group[]> = { undo: [], redo: [] };
  /** By what was touched, the seq of the last event of somebody else; the latest last. */
  const touches = new Map<string, number>();
  let taken: Group | null = null;

  const push = (kind: UndoKind, group: Group) => {
    stacks[kind].push(group);
    if (stacks[kind].length > DEPTH) stacks[kind].shift();
  };
  const made = (step: Step, meta: Meta | undefined) => {
    const kind = meta?.undo;
    if (kind === "undo" || kind === "redo") {
      push(kind === "undo" ? "redo" : "undo", { name: undefined, steps: [step], from: taken });
      taken = null;
      return;
    }
    stacks.redo = [];
    const name = typeof meta?.group === "string" ? meta.group : undefined;
    const top = stacks.undo.at(-1);
    if (name !== undefined && top?.name === name && weigh(top) < FRAME_LIMITS.operationsPerMutation)
      top.steps.push(step);
    else push("undo", { name, steps: [step], from: null });
  };
  const forgetBefore = (seq: number) => {
    const isOld = ({ steps }: Group) => steps.some((step) => step.seq !== null && step.seq < seq);
    for (const kind of KINDS) stacks[kind] = stacks[kind].filter((group) => !isOld(group));
  };
  const touched: UndoStacks["touched"] = ({ seq, ops }) => {
    if (stacks.undo.length + stacks.redo.length === 0) return touches.clear();
    for (const effect of ops) {
      for (const what of touchesOf(effect)) {
        touches.delete(what);
        touches.set(what, seq);
      }
    }
    for (const [what, at] of touches) {
      if (touches.size <= TOUCHES_KEPT) break;
      touches.delete(what);
      forgetBefore(at);
    }
  };
  const take = (kind: UndoKind) => {
    taken = stacks[kind].pop() ?? null;
    return taken;
  };

  return {
    get canUndo() {
      return stacks.undo.length > 0;
    },
    get canRedo() {
      return stacks.redo.length > 0;
    },
    made,
    dropped(step) {
      for (const kind of KINDS) {
        const group = stacks[kind].find(({ steps }) => steps.includes(step));
        if (!group) continue;
        group.steps.splice(group.steps.indexOf(step), 1);
        if (group.steps.length > 0) continue;
        stacks[kind].splice(stacks[kind].indexOf(group), 1);
        if (group.from) push(kind === "undo" ? "redo" : "undo", group.from);
      }
    },
    touched,
    isTouched: (what, since) => since.seq !== null && (touches.get(what) ?? 0) > since.seq,
    take,
    relearn(past) {
      stacks.undo = [];
      stacks.redo = [];
      touches.clear();
      for (const each of past) {
        if (!("step" in each)) {
          touched(each);
          continue;
        }
        const kind = each.meta?.undo;
        const group = kind === "undo" || kind === "redo" ? take(kind) : null;
        if (group) each.undoes?.(group);
        made(each.step, each.meta);
      }
    },
  };
}

const KINDS: readonly UndoKind[] = ["undo", "redo"];

function weigh({ steps }: Group): number {
  return steps.reduce((sum, { inverse }) => sum + inverse.length, 0);
}
