// Where things stand in a JSON text, without parsing it.

const [QUOTE, COMMA, COLON, BRACKET, CLOSING_BRACKET, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x5c];
const [BRACE, CLOSING_BRACE] = [0x7b, 0x7d];

/** Where the string ends that begins at a quote; the end of the text where it does not. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return text.length;
}

/** Where the next character stands that is no space. */
export function behindSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** Whether the string that ends here is a key. */
export function isKey(text: string, end: number): boolean {
  return text.charCodeAt(behindSpace(text, end + 1)) === COLON;
}

/** A text in parts. */
export interface SplitList {
  /** The text with an empty list in place of the list. */
  readonly around: string;
  /** Where each element begins and ends, one after the other. */
  readonly bounds: readonly number[];
}

/**
 * Takes the list out that stands under a key of the object that a JSON text is: the text is JSON if what is around and each
 * element are. Null where it does not stand there as it is written mostly, or has more elements than `most`.
 */
export function splitList(text: string, key: string, most: number): SplitList | null {
  const begin = findList(text, `"${key}"`);
  if (begin === null) return null;
  const bounds: number[] = [];
  let start = begin + 1;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === BRACE || unit === BRACKET) depth++;
    else if (depth > 0) {
      if (unit === CLOSING_BRACE || unit === CLOSING_BRACKET) depth--;
    } else if (unit === COMMA || unit === CLOSING_BRACKET) {
      const isEmpty = unit === CLOSING_BRACKET && bounds.length === 0 && behindSpace(text, start) === at;
      if (!isEmpty) bounds.push(start, at);
      if (bounds.length > 2 * most) return null;
      if (unit === CLOSING_BRACKET) return { around: text.slice(0, begin + 1) + text.slice(at), bounds };
      start = at + 1;
    }
  }
  return null;
}

/** Where the list begins that a field of the outermost object is. */
function findList(text: string, key: string): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === BRACE || unit === BRACKET) depth++;
    else if (unit === CLOSING_BRACE || unit === CLOSING_BRACKET) depth--;
    else if (unit === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && end - at + 1 === key.length && text.startsWith(key, at) && isKey(text, end)) {
        const list = behindSpace(text, behindSpace(text, end + 1) + 1);
        return text.charCodeAt(list) === BRACKET ? list : null;
      }
      at = end;
    }
  }
  return null;
}

/**
 * A JSON text in which each whole number that a reader would round stands as one that is too large, and is refused as that: what came back
 * would be another id than was sent. One as JavaScript writes it, with zeros for what it does not know, stays.
 */
export function withoutRounded(text: string): string {
  // Nearly nothing has so many digits.
  if (!LONG.test(text)) return text;
  const parts: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    if (unit !== MINUS && (unit < ZERO || unit > NINE)) continue;
    NUMBER.lastIndex = at;
    const literal = NUMBER.exec(text)?.[0] ?? "-";
    if (INTEGER.test(literal) && String(Number(literal)) !== literal) {
      parts.push(text.slice(kept, at), TOO_LARGE);
      kept = at + literal.length;
    }
    at += literal.length - 1;
  }
  return parts.join("") + text.slice(kept);
}

const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39];
const LONG = /\d{16}/;
const NUMBER = /[-+.eE\d]+/y;
const INTEGER = /^-?\d{16,}$/;
const TOO_LARGE = "1e999";
