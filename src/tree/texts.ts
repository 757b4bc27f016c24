import type { Attrs } from "./node.ts";

// A text is a string attribute of a node.

/** A text of a node; one that is missing is empty, and null is what is no text. */
export function textIn(attrs: Attrs, attr: string): string | null {
  const value = Object.hasOwn(attrs, attr) ? attrs[attr] : "";
  return typeof value === "string" ? value : null;
}
