import type { Extension } from "@codemirror/state";
import type { Text } from "../client/index.ts";
import type { CaretOptions } from "../editors/carets.ts";
import { carets } from "./carets.ts";
import { follow } from "./follow.ts";
import { EXACT_LINES } from "./lines.ts";

export type { CaretOptions, Told } from "../editors/carets.ts";

export interface GroveTextOptions {
  /** Shows the carets and selections of the others, and tells them one's own by presence. */
  readonly presence?: boolean | CaretOptions | undefined;
  /** With `true` the editor's own undo takes back what others wrote, too. */
  readonly othersInHistory?: boolean | undefined;
}

/** Makes the document of an editor one text, which others edit, too: the editor begins with it, whatever `doc` it was made with. */
export function groveText(text: Text, { presence, othersInHistory = false }: GroveTextOptions = {}): Extension {
  const shown = presence ? carets(text, presence === true ? {} : presence) : [];
  return [EXACT_LINES, follow(text, othersInHistory), shown];
}
