// English for what happened.

/** What the end of a word makes of its plural; types are chosen by applications, and most are plain nouns. */
const IRREGULAR: Readonly<Record<string, string>> = { child: "children", person: "people", leaf: "leaves" };

/** The plural of a type, "nodes" where that is no plain word. */
export function pluralOf(type: string): string {
  if (!/^[a-z][a-z -]*[a-z]$/i.test(type) || /[^s]s$/i.test(type)) return "nodes";
  const irregular = Object.hasOwn(IRREGULAR, type) ? IRREGULAR[type] : undefined;
  if (irregular !== undefined) return irregular;
  if (/[^aeiou]y$/i.test(type)) return `${type.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/i.test(type) ? `${type}es` : `${type}s`;
}

/** "a row", "an item"; "a node" where that is no plain word. */
export function withArticle(type: string): string {
  const word = /^[a-z][a-z -]*$/i.test(type) ? type : "node";
  return `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;
}

/** "one, two and three". */
export function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${last}` : last;
}

/** In one line of at most so many characters. */
export function shortened(text: string, most = 40): string {
  // No more than that is looked at: a text may be a megabyte.
  const line = text
    .slice(0, 4 * most)
    .trim()
    .replace(/\s+/g, " ");
  if (line.length <= most && text.length <= 4 * most) return line;
  return `${line
    .slice(0, most - 1)
    .trimEnd()
    .toWellFormed()
    .replace(/\ufffd$/, "")}…`;
}
