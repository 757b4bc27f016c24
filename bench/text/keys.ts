import { createRandom } from "../load/random.ts";

/** A letter or a space, or null for a backspace, which takes back what the same person has typed. */
export type Key = string | null;

const LETTERS = "etaoinshrdlucmfwypvbgkqjxz";
/** One key in so many is a backspace. */
const MISTAKES = 14;

/** What somebody types: words of two to nine letters with a mistake now and then; the same from the same seed. */
export function keysOf(seed: number): () => Key {
  const random = createRandom(seed);
  let left = 2 + random(8);
  let typed = 0;
  return () => {
    if (typed > 0 && random(MISTAKES) === 0) {
      typed--;
      return null;
    }
    typed++;
    if (left-- > 0) return LETTERS[Math.min(random(LETTERS.length), random(LETTERS.length))] ?? "e";
    left = 2 + random(8);
    return " ";
  };
}

/** Whether each has a row of their own, or all type in one. */
export type Rows = "own" | "one";

/** What is there before anybody types: the text of each row, and where each typist's caret stands in which. */
export interface Desk {
  readonly rows: readonly string[];
  readonly carets: readonly { readonly row: number; readonly index: number }[];
}

const TEXT = "the quick brown fox jumps over the lazy dog and runs on and on ";

/**
 * `length` characters a row, or, where all type in one, so many for each of them; carets in the middle of that. Behind the rows of
 * those who type stand others, up to `least` in all.
 */
export function deskFor(typists: number, rows: Rows, { length = 60, least = 0 } = {}): Desk {
  const text = (characters: number) => TEXT.repeat(Math.ceil(characters / TEXT.length)).slice(0, characters);
  const middle = Math.floor(length / 2);
  const all = Array.from({ length: typists }, (_, typist) => typist);
  if (rows === "one") {
    return {
      rows: [text(length * typists)],
      carets: all.map((typist) => ({ row: 0, index: typist * length + middle })),
    };
  }
  return {
    rows: Array.from({ length: Math.max(typists, least) }, () => text(length)),
    carets: all.map((row) => ({ row, index: middle })),
  };
}

/** The id of a row. */
export function rowOf(row: number): string {
  return `row${row}`;
}
