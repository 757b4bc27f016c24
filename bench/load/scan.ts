// Frames are looked at, not parsed: every subscriber hears every frame.

/** How often a part stands in a frame. */
export function countOf(part: Buffer, frame: Buffer): number {
  let count = 0;
  for (let at = frame.indexOf(part); at >= 0; at = frame.indexOf(part, at + part.length)) count++;
  return count;
}

/** The whole number that begins here. */
export function numberAt(frame: Buffer, start: number): number {
  let value = 0;
  for (let at = start; ; at++) {
    const digit = (frame[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}

const ZERO = 0x30;
