import { type Changes, difference, type MarkList, problemOf } from "../../text/index.ts";
import type { Json, NodeId } from "../../tree/index.ts";
import type { MutateOptions, Mutation, TreeDocument } from "../document.ts";
import { type TextChange, textsOf } from "./texts.ts";
import { continuing, endOfTyped } from "./typing.ts";

export type { TextChange };

/** A string attribute of a node as a text that several people edit. Places and lengths are UTF-16 units. */
export interface Text {
  readonly document: TreeDocument;
  readonly id: NodeId;
  readonly attr: string;
  /** Empty where there is no such node or attribute. */
  readonly value: string;
  /** What is marked in it: by where that begins, and by key; no two of one key overlap. */
  readonly marks: MarkList;
  insert(at: number, text: string, options?: MutateOptions): Mutation;
  delete(at: number, length: number, options?: MutateOptions): Mutation;
  /** Makes it this text, by the smallest edit at one place. */
  replace(next: string, options?: MutateOptions): Mutation;
  /** What goes past the end is refused with `invalid`, what others make too long with `tooLarge`. */
  edit(changes: Changes, options?: MutateOptions): Mutation;
  /**
   * Sets what `key` is of the units from `from` up to `to`; null takes it away. What others put in between meanwhile is marked as well, what
   * they put at its edge is not. Nothing to mark, or past the end: `invalid`; more than 2 000 marks: `tooLarge`.
   */
  mark(from: number, to: number, key: string, value: Json, options?: MutateOptions): Mutation;
  /** Calls back when what is seen, or is marked in it, has changed, by whomever; before the document tells its `change`. What it returns ends it. */
  on(listener: (change: TextChange) => void): () => void;
}

/**
 * A text of a document. What different people write at the same time is kept, all of it; what one types on, a mutation a key, is
 * never cut by others. Anything else in `attr` than a string is refused with `invalid`.
 */
export function textOf(document: TreeDocument, id: NodeId, attr: string): Text {
  const texts = textsOf(document);
  const text: Text = {
    document,
    id,
    attr,
    get value() {
      return texts.read(id, attr);
    },
    get marks() {
      return texts.marks(id, attr);
    },
    // A 0 before it would bind it to what is on its left.
    insert: (at, put, options) => text.edit(at === 0 ? [put] : [at, put], options),
    delete: (at, length, options) => text.edit([at, -length], options),
    replace: (next, options) => text.edit(difference(text.value, next), options),
    edit(changes, options) {
      const before = texts.typed;
      const isHere = before?.position.id === id && before.position.attr === attr;
      const bound = isHere ? continuing(changes, before.position.index) : changes;
      const fits = problemOf(changes, text.value) === null;
      const mutation = document.mutate((tx) => tx.edit(id, attr, bound), options);
      const end = fits ? endOfTyped(changes) : null;
      if (end === null) return mutation;
      if (before) texts.release(before);
      texts.typed = texts.anchor({ id, attr, index: end }, "left");
      return mutation;
    },
    mark: (from, to, key, value, options) => document.mutate((tx) => tx.mark(id, attr, from, to, key, value), options),
    on: (listener) => texts.watch(id, attr, listener),
  };
  return text;
}

/**
 * Lets the transactions of a document edit, split and join texts, as `textOf` and `anchor` do when they are called. Best right after it is
 * opened: what was pending before is seen when the server has answered.
 */
export function mergeTexts(document: TreeDocument): void {
  textsOf(document);
}
