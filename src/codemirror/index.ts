import type { Extension } from "@codemirror/state";
import type { Text } from "../client/index.ts";
import { follow } from "./follow.ts";
import { EXACT_LINES } from "./lines.ts";

export interface GroveTextOptions {
  /** With `true` the editor's own undo takes back what others wrote, too. */
  readonly othersInHistory?: boolean | undefined;
}

/** Makes the document of an editor one text, which others edit, too: the editor begins with it, whatever `doc` it was made with. */
export function groveText(text: Text, options: GroveTextOptions = {}): Extension {
  return [EXACT_LINES, follow(text, options.othersInHistory ?? false)];
}
