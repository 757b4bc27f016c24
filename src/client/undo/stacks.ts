import { FRAME_LIMITS, type Meta } from "../../protocol/index.ts";
import type { Group, SavedStacks, UndoKind } from "../saved-stacks.ts";

export type { UndoKind };

export interface UndoStacks {
  readonly saved: SavedStacks;
  /** A mutation of ours has been made. */
  made(mutation: number, operations: number, meta: Meta | undefined): void;
  /** Whether it stands in a group. */
  has(mutation: number): boolean;
  /** A mutation takes the newest group off a stack; null where there is none. It lies on the other one then. */
  take(kind: UndoKind): Group | null;
  /** That is the mutation which does it. */
  taken(kind: UndoKind, group: Group, mutation: number): void;
  /** It has come to nothing; what it was to undo may be undone another time, or would come to nothing again. */
  dropped(mutation: number, mayBeUndone: boolean): void;
}

/** Groups on a stack. */
const DEPTH = 100;
/** Mutations of a group: an undo names no more. */
const LENGTH = 1_000;

export function createUndoStacks({ undo, redo }: SavedStacks = { undo: [], redo: [] }): UndoStacks {
  const stacks: Record<UndoKind, Group[]> = { undo: [...undo], redo: [...redo] };
  /** By the mutation that is to do it, what was taken off which stack, as long as it has no answer. */
  const underWay = new Map<number, { readonly kind: UndoKind; readonly group: Group }>();
  /** A mutation of its name joins it, until something is undone: what lay above it is not part of it. */
  let open = undo.at(-1) ?? null;

  const push = (kind: UndoKind, group: Group) => {
    stacks[kind] = [...stacks[kind], group].slice(-DEPTH);
  };
  /** Once: undone and done again in one go it may lie there twice. */
  const remove = (kind: UndoKind, group: Group) => {
    const at = stacks[kind].lastIndexOf(group);
    if (at >= 0) stacks[kind] = stacks[kind].toSpliced(at, 1);
  };
  return {
    get saved() {
      return { undo: [...stacks.undo], redo: [...stacks.redo] };
    },
    made(mutation, operations, meta) {
      stacks.redo = [];
      const name = typeof meta?.group === "string" ? meta.group : undefined;
      const joined = open?.name === name && stacks.undo.at(-1) === open ? open : null;
      const mutations = [...(joined?.mutations ?? []), mutation];
      const all = (joined?.operations ?? 0) + operations;
      const isFull = mutations.length > LENGTH || all > FRAME_LIMITS.operationsPerMutation;
      const isJoining = joined !== null && name !== undefined && !isFull;
      if (isJoining) stacks.undo.pop();
      open = isJoining ? { name, mutations, operations: all } : { name, mutations: [mutation], operations };
      push("undo", open);
    },
    has: (mutation) => KINDS.some((kind) => stacks[kind].some(({ mutations }) => mutations.includes(mutation))),
    take(kind) {
      const group = stacks[kind].pop() ?? null;
      open = null;
      if (group) push(other(kind), group);
      return group;
    },
    taken(kind, group, mutation) {
      if (underWay.size > 2 * DEPTH) underWay.clear();
      underWay.set(mutation, { kind, group });
    },
    dropped(mutation, mayBeUndone) {
      const taken = underWay.get(mutation);
      underWay.delete(mutation);
      if (taken) {
        remove(other(taken.kind), taken.group);
        if (mayBeUndone && !stacks[taken.kind].includes(taken.group)) push(taken.kind, taken.group);
        return;
      }
      for (const kind of KINDS) {
        stacks[kind] = stacks[kind].flatMap((group) => {
          const mutations = group.mutations.filter((each) => each !== mutation);
          if (mutations.length === group.mutations.length) return [group];
          return mutations.length > 0 ? [{ ...group, mutations }] : [];
        });
      }
    },
  };
}

const KINDS: readonly UndoKind[] = ["undo", "redo"];

function other(kind: UndoKind): UndoKind {
  return kind === "undo" ? "redo" : "undo";
}
