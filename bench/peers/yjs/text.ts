import { Doc, encodeStateAsUpdate, type Text, type Map as YMap, Text as YText } from "yjs";
import { FILLER } from "../../load/protocol.ts";
import { type Desk, type Key, rowOf } from "../../text/keys.ts";
import { clientNumber } from "./document.ts";
import { type ItemId, Update } from "./update.ts";

/** The root type of a document of rows: a map of a text each; of a document that is one text, that text. */
export const ROWS = "rows";
export const TEXT = "text";

/** The document before anybody types, made by the client `filler`. */
export function fillDesk({ rows }: Desk): { readonly update: Uint8Array; readonly texts: readonly Text[] } {
  const doc = new Doc();
  doc.clientID = clientNumber(FILLER);
  const [only] = rows;
  if (rows.length === 1) doc.getText(TEXT).insert(0, only ?? "");
  else
    doc.transact(() => {
      const map: YMap<YText> = doc.getMap(ROWS);
      for (const [row, text] of rows.entries()) map.set(rowOf(row), new YText(text));
    });
  const map: YMap<YText> = doc.getMap(ROWS);
  const texts = rows.length === 1 ? [doc.getText(TEXT)] : rows.map((_, row) => map.get(rowOf(row)) ?? new YText());
  return { update: encodeStateAsUpdate(doc), texts };
}

/** One who types: what is left and right of the caret, which is all that a keystroke of Yjs names. */
export class Typist {
  readonly #client: number;
  /** What was there and this one has typed, left of the caret. */
  readonly #left: ItemId[];
  #right: ItemId;
  #clock = 0;

  /** The caret stands in a text that one client has written in one piece. */
  constructor(client: string, text: Text, index: number) {
    const start = text._start?.id;
    if (start === undefined) throw new Error("a text of nothing");
    const at = (index: number): ItemId => ({ client: start.client, clock: start.clock + index });
    this.#client = clientNumber(client);
    this.#left = [at(index - 1)];
    this.#right = at(index);
  }

  /** The update of a key, and what it deletes. */
  press(key: Key): { readonly update: Uint8Array; readonly removed: ItemId | null } {
    const update = new Update(this.#client, this.#clock);
    const last = this.#left.at(-1);
    if (last === undefined) throw new Error("nothing is left of the caret");
    if (key === null) {
      // It stays where it was, as what is right of the caret now.
      this.#left.pop();
      this.#right = last;
      update.delete(last);
      return { update: update.bytes(), removed: last };
    }
    this.#left.push(update.insert(last, this.#right, key));
    this.#clock += update.count;
    return { update: update.bytes(), removed: null };
  }
}
