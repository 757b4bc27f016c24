export type UndoKind = "undo" | "redo";

/** Mutations that are undone together, by their counters. */
export interface Group {
  /** `meta.group` of those that belong to one. */
  readonly name?: string | undefined;
  readonly mutations: readonly number[];
  /** How many operations these are, and how many characters. */
  readonly operations: number;
  readonly characters?: number | undefined;
}

/** What can be undone and what can be done again, the newest last: names of our own mutations, and nothing else. */
export type SavedStacks = Readonly<Record<UndoKind, readonly Group[]>>;
