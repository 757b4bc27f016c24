import type { Changes } from "../text/index.ts";

/** Milliseconds without a key after which what is typed is undone by itself. */
export const PAUSE = 1_000;

/** How an edit came about. */
export interface Typing {
  /** Which of its texts, in an editor that has several. */
  readonly row?: string;
  /** Pasted, dropped, cut, corrected: undone by itself, whatever is typed before and behind it. */
  readonly isAlone?: boolean;
  /** By an input method, which goes over its own text again and again, as slowly as it likes. */
  readonly isComposing?: boolean;
}

/** What is typed, in groups that are a step of undo each. What others do meanwhile ends none. */
export interface Groups {
  /** The name of the group that an edit made now belongs to, for `mutate`. */
  of(changes: Changes, typing?: Typing): string;
  /** The caret was moved, or something else was done: what comes now is another group. */
  end(): void;
}

interface Group {
  readonly name: string;
  readonly row: string;
  /** Whether it puts something there, or only takes away. */
  readonly puts: boolean;
  readonly isComposing: boolean;
  /** Of the last key. */
  readonly time: number;
}

export function createGroups(now: () => number = Date.now): Groups {
  let open: Group | null = null;

  const goesOn = (group: Group, next: Omit<Group, "name">) =>
    group.row === next.row &&
    ((group.isComposing && next.isComposing) || (group.puts === next.puts && next.time - group.time <= PAUSE));
  return {
    of(changes, { row = "", isAlone = false, isComposing = false } = {}) {
      const put = changes.filter((change) => typeof change === "string");
      const next = { row, puts: put.length > 0, isComposing, time: now() };
      const hasLine = put.some((text) => text.includes("\n"));
      const group: Group = {
        ...next,
        name: !isAlone && !hasLine && open && goesOn(open, next) ? open.name : newName(),
      };
      open = isAlone || hasLine ? null : group;
      return group.name;
    },
    end() {
      open = null;
    },
  };
}

let last = 0;

/** Short, as it stands with every key in the log, and another one than any before: undo is kept from one visit to the next. */
function newName(): string {
  last = Math.max(last + 1, Date.now());
  return last.toString(36);
}
