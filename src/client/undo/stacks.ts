import { FRAME_LIMITS, type Meta } from "../../protocol/index.ts";
import type { Operation } from "../../tree/index.ts";
import type { Group, SavedStacks, UndoKind } from "../saved-stacks.ts";

export type { UndoKind };

export interface UndoStacks {
  readonly saved: SavedStacks;
  /** A mutation of ours has been made. */
  made(mutation: number, ops: readonly Operation[], meta: Meta | undefined): void;
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
/** Characters of them: the object reads 8 Mi of the log for an undo, where what was written over stands as well. */
const CHARACTERS = 2 * 1024 * 1024;

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
    made(mutation, ops, meta) {
      stacks.redo = [];
      const name = typeof meta?.group === "string" ? meta.group : undefined;
      // One without a name is joined by nobody.
      const characters = name === undefined ? 0 : JSON.stringify(ops).length;
      const joined = open?.name === name && stacks.undo.at(-1) === open ? open : null;
      const all: Group = {
        name,
        mutations: [...(joined?.mutations ?? []), mutation],
        operations: (joined?.operations ?? 0) + ops.length,
        characters: (joined?.characters ?? 0) + characters,
      };
      const isJoining = joined !== null && name !== undefined && mayBeUndone(all);
      if (isJoining) stacks.undo.pop();
      open = isJoining ? all : { name, mutations: [mutation], operations: ops.length, characters };
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
        const { kind, group } = taken;
        remove(other(kind), group);
        if (mayBeUndone && group.mutations.length > 0 && !stacks[kind].includes(group)) push(kind, group);
        return;
      }
      /** The same one for the same one, wherever it lies. */
      const left = new Map<Group, Group>();
      const without = (group: Group) => {
        if (!group.mutations.includes(mutation)) return group;
        const rest = left.get(group) ?? { ...group, mutations: group.mutations.filter((each) => each !== mutation) };
        left.set(group, rest);
        return rest;
      };
      for (const kind of KINDS) {
        stacks[kind] = stacks[kind].map(without).filter(({ mutations }) => mutations.length > 0);
      }
      for (const [by, { kind, group }] of underWay) underWay.set(by, { kind, group: without(group) });
      open &&= without(open);
    },
  };
}

/** Whether it is not more than one undo takes back. */
function mayBeUndone({ mutations, operations, characters = 0 }: Group): boolean {
  return mutations.length <= LENGTH && operations <= FRAME_LIMITS.operationsPerMutation && characters <= CHARACTERS;
}

const KINDS: readonly UndoKind[] = ["undo", "redo"];

function other(kind: UndoKind): UndoKind {
  return kind === "undo" ? "redo" : "undo";
}
