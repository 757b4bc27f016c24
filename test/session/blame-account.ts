import type { LoggedEvent } from "../../src/protocol/index.ts";
import { type EditEffect, textParts } from "../../src/tree/index.ts";

/** A unit of a text, and the event that has put it there. */
interface Unit {
  readonly unit: string;
  readonly seq: number;
}

/** Who has put each unit there, told forward from the beginning: what the blame has to find going backward. */
export function accountOf(
  entries: readonly LoggedEvent[],
  start: ReadonlyMap<string, string>,
  attr = "text",
): (id: string) => Unit[] {
  const texts = new Map<string, Unit[]>(Array.from(start, ([id, text]) => [id, unitsOf(text, 0)]));
  const deleted = new Map<number, { text: string; units: Unit[] }[]>();
  for (const { seq, ops, inverse } of entries) {
    const gone: { text: string; units: Unit[] }[] = [];
    deleted.set(seq, gone);
    const put = (text: string, { undo, redo }: Pick<EditEffect, "undo" | "redo">): Unit[] => {
      if (redo !== undefined) return unitsOf(text, redo);
      const had = undo === undefined ? [] : (deleted.get(undo) ?? []);
      const same = had.find((each) => each.text === text);
      if (same) return same.units;
      const within = had.filter((each) => each.text.includes(text));
      const [only] = within;
      const at = only?.text.indexOf(text) ?? -1;
      const isSure = only && within.length === 1 && !only.text.includes(text, at + 1);
      return isSure ? only.units.slice(at, at + text.length) : unitsOf(text, seq);
    };
    for (const { effect, steps } of textParts(seq, ops, inverse)) {
      if (effect.op === "insert" && !texts.has(effect.node.id))
        texts.set(effect.node.id, unitsOf(String(effect.node.attrs?.text ?? ""), seq));
      for (const step of steps) {
        if (step.attr !== attr) continue;
        const own = texts.get(step.id) ?? [];
        if (step.op === "edit") {
          let rest = own;
          const made: Unit[] = [];
          for (const change of step.changes) {
            if (typeof change === "string") made.push(...put(change, effect));
            else {
              const taken = rest.slice(0, Math.abs(change));
              rest = rest.slice(Math.abs(change));
              if (change > 0) made.push(...taken);
              else gone.push({ text: textOf(taken), units: taken });
            }
          }
          texts.set(step.id, [...made, ...rest]);
        } else if (step.op === "join") {
          texts.set(step.into, [...(texts.get(step.into) ?? []), ...own]).set(step.id, []);
        } else if (step.op === "split") {
          const [head, tail] = [own.slice(0, step.at), own.slice(step.at)];
          texts.set(step.id, step.head ? tail : head);
          texts.set(step.node, [...(texts.get(step.node) ?? []), ...(step.head ? head : tail)]);
        }
      }
    }
  }
  return (id) => texts.get(id) ?? [];
}

export function textOf(units: readonly Unit[]): string {
  return units.map(({ unit }) => unit).join("");
}

function unitsOf(text: string, seq: number): Unit[] {
  return text.split("").map((unit) => ({ unit, seq }));
}
