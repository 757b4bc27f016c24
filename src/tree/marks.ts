import { type Changes, editMarks, type MarkList, MOST_MARKS, marksAttr, marksOf } from "../text/index.ts";
import { sameJson } from "./json.ts";
import type { Attrs, Json } from "./node.ts";
import type { Effect, UpdateEffect } from "./operations.ts";
import { textIn } from "./texts.ts";
import { weighAttrs } from "./weight.ts";

// The marks of a text are a list in an attribute beside it.

/** The marks of a text; null where that attribute is something else. */
export function marksIn(attrs: Attrs, attr: string): MarkList | null {
  const own = marksAttr(attr);
  return Object.hasOwn(attrs, own) ? marksOf(attrs[own], (textIn(attrs, attr) ?? "").length) : [];
}

/** A list that may be of marks, and is read to see; of what is longer, or no list, its length at most. */
function listIn(attrs: Attrs, attr: string): readonly Json[] {
  const own = marksAttr(attr);
  const marks = Object.hasOwn(attrs, own) ? attrs[own] : undefined;
  return Array.isArray(marks) && marks.length <= MOST_MARKS ? marks : [];
}

/** About how many characters of them are read. */
export function weighMarks(attrs: Attrs, attr: string): number {
  const marks = listIn(attrs, attr);
  return marks.length > 0 ? weighAttrs({ [marksAttr(attr)]: marks }) : 0;
}

/** Attributes with other marks: without any there is no such attribute. */
export function withMarks(attrs: Attrs, attr: string, marks: MarkList): Attrs {
  const { [marksAttr(attr)]: _, ...others } = attrs;
  return marks.length === 0 ? others : { ...others, [marksAttr(attr)]: marks };
}

/** How many are read, or whatever else is in a list in their place. */
export const countMarks = (attrs: Attrs, attr: string): number => listIn(attrs, attr).length;

/** `next`, which are the attributes `old` with a text that was changed, with its marks where they are then. */
export function moveMarks(old: Attrs, next: Attrs, attr: string, changes: Changes): Attrs {
  const own = marksAttr(attr);
  const marks = Object.hasOwn(old, own) ? marksIn(old, attr) : null;
  const moved = marks && editMarks(marks, changes);
  return !moved || moved === old[own] ? next : withMarks(next, attr, moved);
}

/** What the attribute of the marks held, where taking back changes of the text does not bring that back. */
export function marksLost(attrs: Attrs, attr: string, changes: Changes, back: Changes): Json | undefined {
  const own = marksAttr(attr);
  const was = Object.hasOwn(attrs, own) ? attrs[own] : undefined;
  const marks = was === undefined || changes.length === 0 ? null : marksIn(attrs, attr);
  return !marks || sameJson(editMarks(editMarks(marks, changes), back), was) ? undefined : was;
}

export interface MarkEffect extends UpdateEffect {
  readonly mark: NonNullable<UpdateEffect["mark"]>;
}

export function isMark(effect: Effect): effect is MarkEffect {
  return effect.op === "update" && effect.mark !== undefined;
}

/** Whether an update is one of the marks of a text, made by what is done to texts. */
export function isOfMarks({ mark, from }: UpdateEffect): boolean {
  return mark !== undefined || from !== undefined;
}
