import { endOfString, isKey } from "./text.ts";

/**
 * About how many bytes of memory what a JSON text says takes when it is parsed, beside the text itself. `[[[[1]]]]` takes 24 times
 * as many as it has characters, and 31 MB of such were the end of an isolate of 128 MiB (workerd 1.20261023, 2026-11-27).
 * Never much too little, whatever somebody thinks of; up to twice too much for a tree. Ends where it is more than `most`.
 */
export function parsedWeight(text: string, most: number): number {
  // No character stands for more.
  if (text.length * NESTED <= most) return text.length * NESTED;
  const keys = new Set<string>();
  let [weight, last] = [0, BRACE];
  for (let at = 0; at < text.length && weight <= most; at++) {
    const unit = text.charCodeAt(at);
    if (unit === COMMA || unit === BRACE || unit === BRACKET) {
      weight += unit === COMMA ? ELEMENT : NESTED;
      last = unit;
    } else if (unit === QUOTE) {
      const end = endOfString(text, at);
      if (isKey(text, end)) {
        if (last === COMMA) weight += FIELD - ELEMENT;
        const key = text.slice(at, end);
        if (!keys.has(key)) {
          weight += NEW_KEY;
          if (keys.size < MOST_KEYS) keys.add(key);
        }
      }
      at = end;
    }
  }
  return weight;
}

/** An object or list; one more element, or field, which may be a number that is no integer; a key that has not come before. */
const NESTED = 64;
const ELEMENT = 28;
const FIELD = 20;
const NEW_KEY = 128;
/** So many keys are known again. */
const MOST_KEYS = 4_096;

const [QUOTE, COMMA, BRACE, BRACKET] = [0x22, 0x2c, 0x7b, 0x5b];
