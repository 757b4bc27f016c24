import type { TreeEvent } from "../protocol/index.ts";
import type { Effect } from "../tree/index.ts";

/** What stands in an event before its effects. */
export type EventHead = Pick<TreeEvent, "seq" | "time" | "client" | "mutation" | "userId">;

/** A part of the text of events: the beginning of one, an effect of that, its end. */
export type EventPart =
  | { readonly is: "begin"; readonly head: EventHead; readonly characters: number }
  | { readonly is: "effect"; readonly effect: Effect; readonly characters: number }
  | { readonly is: "end"; readonly characters: number };

/** What follows the name of the effects is their list. */
const EFFECTS = '"ops":';
const STRUCTURE = /["{}[\]]/g;
const IN_STRING = /["\\]/g;

/**
 * Reads the events of a commit, joined by commas, out of pieces of their text, an effect at a time: a commit may be larger than what
 * memory holds when it is parsed as a whole. Rests on what `eventText` writes: `ops` is a list in the event itself, and what
 * tells whose event it is comes before that.
 */
export function* readEvents(pieces: Iterable<string>): Generator<EventPart> {
  let text = "";
  /** How far it was looked at, and where what is being read begins. */
  let at = 0;
  let start = 0;
  let depth = 0;
  let isInString = false;
  let isInEffects = false;
  for (const piece of pieces) {
    text = text.slice(start) + piece;
    at -= start;
    start = 0;
    for (;;) {
      const looked = isInString ? IN_STRING : STRUCTURE;
      looked.lastIndex = at;
      const found = looked.exec(text);
      // The character behind a backslash is needed, too.
      if (!found || (found[0] === "\\" && found.index + 1 >= text.length)) {
        at = found?.index ?? text.length;
        break;
      }
      const [sign] = found;
      at = found.index + 1;
      if (sign === "\\") at++;
      else if (sign === '"') isInString = !isInString;
      else if (sign === "{" || sign === "[") {
        if (depth === 0 || (depth === 2 && isInEffects)) start = at - 1;
        depth++;
        if (depth !== 2 || sign === "{" || !text.slice(start, at - 1).endsWith(EFFECTS)) continue;
        isInEffects = true;
        const head: EventHead = JSON.parse(`${text.slice(start, at)}]}`);
        yield { is: "begin", head, characters: at - start };
        start = at;
      } else {
        depth--;
        if (depth === 2 && isInEffects) {
          const effect: Effect = JSON.parse(text.slice(start, at));
          yield { is: "effect", effect, characters: at - start };
          start = at;
        } else if (depth === 1) isInEffects = false;
        else if (depth === 0) {
          yield { is: "end", characters: at - start };
          start = at;
        }
      }
    }
  }
}

/** What an effect is about, without what it carries. */
export function withoutContent(effect: Effect): Effect {
  if (effect.op === "insert") return { ...effect, node: { id: effect.node.id, type: effect.node.type } };
  if (effect.op === "edit") return { ...effect, changes: [] };
  return effect.op === "update" && effect.attrs ? { ...effect, attrs: {} } : effect;
}
