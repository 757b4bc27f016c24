import type { Attrs } from "./node.ts";

/** About how many characters attributes take as JSON; cheap for flat ones, which nearly all are. */
export function weighAttrs(attrs: Attrs): number {
  let characters = 2;
  for (const key of Object.keys(attrs)) {
    const value = attrs[key];
    characters += key.length + 4;
    if (typeof value === "string") characters += value.length;
    else if (typeof value === "object" && value !== null) characters += JSON.stringify(value).length;
    else characters += 12;
  }
  return characters;
}
