import { eachReplacement, type Field } from "../../src/dom/field.ts";
import type { Selected } from "../../src/dom/index.ts";

/** An element without a page: somebody types into it, and it says what is written into it. */
export interface FakeField extends Field {
  /** Replaces what is selected, as a key or an input method does, and tells nobody. */
  type(inserted: string): void;
  /** The caret or selection in its text, as "he|llo" or "h[ell]o". */
  readonly picture: string;
  /** How often something was written into it. */
  readonly writes: number;
}

export function fakeField(value = "", { lost = /[^\s\S]/g, focused = true } = {}): FakeField {
  let selected: Selected = { start: value.length, end: value.length };
  let writes = 0;
  const replace = (at: number, deleted: number, inserted: string) => {
    value = value.slice(0, at) + inserted + value.slice(at + deleted);
  };
  return {
    oneLine: true,
    isRich: false,
    read: () => value,
    selected: () => (focused ? selected : null),
    select(next) {
      selected = next;
    },
    write(changes) {
      if (changes.length === 0) return;
      writes++;
      // As by a browser that leaves the caret at the end.
      eachReplacement(changes, replace);
      selected = { start: value.length, end: value.length };
    },
    targetOf: () => selected,
    shown: (text) => text.replace(lost, " "),
    type(inserted) {
      const { start, end } = selected;
      replace(start, end - start, inserted);
      selected = { start: start + inserted.length, end: start + inserted.length };
    },
    get picture() {
      const { start, end } = selected;
      const inside = start === end ? "|" : `[${value.slice(start, end)}]`;
      return value.slice(0, start) + inside + value.slice(end);
    },
    get writes() {
      return writes;
    },
  };
}
