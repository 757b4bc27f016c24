import { type Changes, cutsPair } from "../../text/index.ts";
import { type ReadStore, type TextOperation, textIn } from "../../tree/index.ts";

/**
 * The operation that does the same and cuts no surrogate pair: one of which half would be taken away is taken away whole, and what would
 * be put into one is put behind it.
 */
export function whole(tree: ReadStore, operation: TextOperation): TextOperation {
  const text = textIn(tree.get(operation.id)?.attrs ?? {}, operation.attr) ?? "";
  if (operation.op === "edit") return { ...operation, changes: wholeChanges(operation.changes, text) };
  if (operation.op === "split" && cutsPair(text, operation.at)) return { ...operation, at: operation.at + 1 };
  if (operation.op !== "mark") return operation;
  const { from, to } = operation;
  return { ...operation, from: cutsPair(text, from) ? from - 1 : from, to: cutsPair(text, to) ? to + 1 : to };
}

export function wholeChanges(changes: Changes, text: string): Changes {
  const whole: (number | string)[] = [];
  // Where the changes are in the text, and how far what is made of them has come.
  let at = 0;
  let done = 0;
  const keepTo = (end: number) => {
    if (end > done) whole.push(end - done);
    done = Math.max(done, end);
  };
  for (const [index, change] of changes.entries()) {
    if (typeof change === "string") {
      keepTo(cutsPair(text, at) ? at + 1 : at);
      if (changes[index - 1] === 0) whole.push(0);
      whole.push(change);
    } else if (change < 0) {
      const start = Math.max(done, cutsPair(text, at) ? at - 1 : at);
      at -= change;
      const end = cutsPair(text, at) ? at + 1 : at;
      keepTo(start);
      if (end > start) whole.push(start - end);
      done = Math.max(done, end);
    } else at += change;
  }
  return whole;
}
