import type { Changes } from "./changes.ts";
import { type EditStep, keyOf } from "./step.ts";

/** The edits of one text, each made of what the one before has left. */
export interface Edits extends Pick<EditStep, "id" | "attr"> {
  readonly edits: readonly Changes[];
}

/** Edits that follow each other, those of each text by themselves; texts in the order of their first. */
export function byText(edits: Iterable<Pick<EditStep, "id" | "attr" | "changes">>): Edits[] {
  const texts = new Map<string, Edits & { readonly edits: Changes[] }>();
  for (const { id, attr, changes } of edits) {
    const key = keyOf(id, attr);
    const text = texts.get(key);
    if (text) text.edits.push(changes);
    else texts.set(key, { id, attr, edits: [changes] });
  }
  return [...texts.values()];
}
