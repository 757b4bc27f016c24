import { applyChanges, type Step } from "../../src/text/index.ts";

/** Texts by the id of their node; where there is none it is empty. */
export type Texts = ReadonlyMap<string, string>;

/** What steps make of texts. Throws where one does not fit them: its lengths and places are those of the moment before. */
export function applySteps(texts: Texts, steps: readonly Step[]): Texts {
  const next = new Map(texts);
  const textOf = (id: string) => next.get(id) ?? "";
  for (const step of steps) {
    if (step.op === "mark") continue;
    const text = textOf(step.id);
    if (step.op === "edit") {
      next.set(step.id, applyChanges(text, step.changes));
      continue;
    }
    const target = step.op === "join" ? step.into : step.node;
    const base = step.op === "join" ? step.at : (step.onto ?? 0);
    const fits = step.length === text.length && base === textOf(target).length && target !== step.id;
    if (!fits || (step.op === "split" && step.at > text.length)) {
      throw new Error(`${JSON.stringify(step)} does not fit ${JSON.stringify([...next])}`);
    }
    const cut = step.op === "join" ? 0 : step.at;
    const takesHead = step.op === "split" && step.head;
    const [stays, goes] = takesHead ? [text.slice(cut), text.slice(0, cut)] : [text.slice(0, cut), text.slice(cut)];
    next.set(step.id, stays);
    next.set(target, textOf(target) + goes);
  }
  return next;
}

/** What is there, whatever the order in which it came. */
export function shown(texts: Texts): Record<string, string> {
  return Object.fromEntries([...texts].filter(([, text]) => text !== "").sort(([a], [b]) => (a < b ? -1 : 1)));
}
