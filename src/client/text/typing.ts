import type { Changes } from "../../text/index.ts";

/** The same changes with what is put at `index` bound to what is before it: whoever types on is not interrupted by others. */
export function continuing(changes: Changes, index: number): Changes {
  if (index === 0) return changes;
  let at = 0;
  for (const [place, change] of changes.entries()) {
    if (typeof change !== "string") at += Math.abs(change);
    else if (at === index && changes[place - 1] !== 0) return changes.toSpliced(place, 0, 0);
    if (at > index) break;
  }
  return changes;
}

/** Where the last thing that changes put somewhere ends, in the text that they make; null where they put nothing there. */
export function endOfTyped(changes: Changes): number | null {
  let at = 0;
  let end: number | null = null;
  for (const change of changes) {
    if (typeof change === "string") {
      at += change.length;
      end = at;
    } else if (change > 0) at += change;
  }
  return end;
}
