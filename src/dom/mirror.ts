import { createGroups, type Typing } from "../editors/groups.ts";
import { applyChanges, type Changes, carry, compose, difference, transform } from "../text/index.ts";
import { type Field, replacement, type Selected } from "./field.ts";
import { editNear } from "./near.ts";

/** What a binding needs of a `Text` of `durable-grove/client`. */
export interface EditableText {
  readonly value: string;
  /** What is typed in one go has the same group, and so is one step of undo. */
  edit(changes: Changes, options: { readonly group: string }): unknown;
  on(
    listener: (change: { readonly changes: Changes; readonly source: "local" | "remote" | "rollback" }) => void,
  ): () => void;
}

/** A field and a text that say the same, or will. */
export interface Mirror {
  /** Takes over what was done in the field. */
  read(typing?: Typing): void;
  /** Looks whether the caret was moved since something was typed. */
  look(): void;
  /** From now on nothing is written into the field: somebody composes in it. */
  hold(): void;
  /** Writes what was held. */
  letGo(): void;
  /** In the text; null where the selection is elsewhere. */
  selected(): Selected | null;
  select(selected: Selected): void;
  /** Replaces a part of both, where they say the same, and puts the caret behind what comes. */
  replace(target: Selected, inserted: string): void;
  release(): void;
}

/**
 * One thing holds at any time: `held` leads from what the field shows to what the text is. What is done in the field is rebased
 * over it on the way to the text, and what happens to the text is added to it on the way to the field.
 * Nobody composing, it is written and empty; and it stays so for somebody who composes until that is over.
 */
export function createMirror(field: Field, text: EditableText): Mirror {
  let shown = field.read();
  let held: Changes = difference(shown, field.shown(text.value));
  let holds = false;
  let reading = false;
  const groups = createGroups();
  /** Where typing has left the caret, or what others did. */
  let left = field.selected();

  /** With `follow` a caret goes along with what is inserted right at it, as it does for who does that. */
  const write = (follow: boolean) => {
    if (holds) return;
    const [changes, before] = [held, field.selected()];
    held = [];
    shown = applyChanges(shown, changes);
    field.write(changes);
    if (before && changes.length > 0) put(carried(before, changes, follow));
    left = field.selected();
  };
  const put = (selected: Selected) => {
    if (!isSame(field.selected(), selected)) field.select(selected);
  };
  const look = () => {
    // What was typed moves it, too, and is read in a moment.
    if (holds || isSame(field.selected(), left) || field.read() !== shown) return;
    left = field.selected();
    groups.end();
  };
  const off = text.on(({ changes, source }) => {
    if (reading) return;
    look();
    held = compose(held, shownChanges(changes));
    write(source === "local");
  });
  /** Whose run an insert continues, which a 0 says, is of no matter here. */
  const shownChanges = (changes: Changes) =>
    changes.flatMap((change) => (typeof change === "string" ? field.shown(change) : change || []));
  write(false);

  return {
    read(typing) {
      const now = field.read();
      if (now !== shown) {
        const local = editNear(shown, now, field.selected()?.end ?? now.length);
        const both = rebaseBoth(local, held);
        shown = now;
        held = both.held;
        reading = true;
        try {
          text.edit(both.local, { group: groups.of(both.local, typing) });
        } finally {
          reading = false;
        }
        // It may have been refused, or come to something else.
        const wanted = field.shown(text.value);
        if (applyChanges(shown, held) !== wanted) held = difference(shown, wanted);
      }
      // Where a composition has left the caret.
      if (holds) left = field.selected();
      else write(false);
    },
    look,
    hold() {
      holds = true;
    },
    letGo() {
      holds = false;
      // Somebody may have moved the caret since a composition has ended, before it is let go of.
      look();
      write(false);
    },
    selected() {
      const selected = field.selected();
      return selected && carried(selected, held, false);
    },
    select: field.select,
    replace(target, inserted) {
      field.select(target);
      const { start, end } = target;
      if (start === end && !inserted) return;
      const changes = replacement(start, end, inserted);
      text.edit(changes, { group: groups.of(changes, { isAlone: true }) });
    },
    release: off,
  };
}

/**
 * What was done in the field, in the text, and what is held, in the field behind it. What is typed at a place stands left of what
 * others insert there, as a caret does; what is typed for something else, as each step of a composition is, stands where that
 * stood: right of what they insert before it.
 */
function rebaseBoth(local: Changes, held: Changes): { local: Changes; held: Changes } {
  const replaces = local.some((change) => typeof change === "number" && change < 0);
  return { local: transform(local, held, !replaces), held: transform(held, local, replaces) };
}

function isSame(one: Selected | null, other: Selected | null): boolean {
  return one?.start === other?.start && one?.end === other?.end;
}

/** What others insert right at a caret, or at an end of what is selected, stays outside: behind the caret. */
function carried({ start, end, direction }: Selected, changes: Changes, follow: boolean): Selected {
  const isCaret = start === end;
  const [first, last] = [follow || !isCaret ? "right" : "left", follow ? "right" : "left"] as const;
  const to = carryIndex(end, changes, last);
  return { start: Math.min(carryIndex(start, changes, first), to), end: to, ...(direction && { direction }) };
}

function carryIndex(index: number, changes: Changes, side: "left" | "right"): number {
  const text = { id: "", attr: "" };
  return carry({ ...text, index }, [{ op: "edit", ...text, changes }], side).index;
}
