import { append, type Changes, type Draft, finish } from "./changes.ts";

/**
 * Changes of a text that is cut in two at `at`: those of the left, those of the right, and where the changed text is cut. What
 * is put right there goes to the left of it, or to the right.
 */
export function cutChanges(
  changes: Changes,
  at: number,
  side: "left" | "right",
): [left: Changes, right: Changes, at: number] {
  const [left, right]: [Draft, Draft] = [[], []];
  let rest = at;
  let cut = at;
  changes.forEach((change, index) => {
    if (typeof change === "string") {
      const goesLeft = rest > 0 || (side === "left" && right.length === 0);
      append(goesLeft ? left : right, change, changes[index - 1] === 0);
      if (goesLeft) cut += change.length;
    } else {
      const first = Math.max(-rest, Math.min(rest, change));
      append(left, first, false);
      append(right, change - first, false);
      if (first < 0) cut += first;
      rest -= Math.abs(first);
    }
  });
  return [finish(left), finish(right), cut];
}
