import { applyChanges, type Step } from "../../src/text/index.ts";
import { applySteps, type Texts } from "./model.ts";

/**
 * The twin that knows each character by itself: every one that is ever put somewhere is another one, so it is its own identity.
 * It is told what each author did in front of his own texts, and says what has to be there in the end, wherever it stands.
 */
export interface Account {
  /** An author did this in front of these texts. */
  did(texts: Texts, steps: readonly Step[]): void;
  /** What is wrong with these texts, now that everybody has everything. */
  complaints(texts: Texts): string[];
}

export function createAccount(start: Texts): Account {
  const put = new Set(charactersOf(start));
  const taken = new Set<string>();
  return {
    did: (texts, steps) => {
      let now = texts;
      for (const step of steps) {
        if (step.op === "edit") {
          const before = now.get(step.id) ?? "";
          const kept = new Set(applyChanges(before, step.changes));
          for (const character of before) if (!kept.has(character)) taken.add(character);
          for (const change of step.changes) if (typeof change === "string") for (const each of change) put.add(each);
        }
        now = applySteps(now, [step]);
      }
    },
    complaints: (texts) => {
      const there = charactersOf(texts);
      const set = new Set(there);
      const lost = [...put].filter((each) => !taken.has(each) && !set.has(each));
      const back = there.filter((each) => taken.has(each) || !put.has(each));
      return [
        ...(lost.length > 0 ? [`lost: ${lost.join("")}`] : []),
        ...(back.length > 0 ? [`there although taken away, or cut: ${back.join("")}`] : []),
        ...(set.size < there.length ? ["something is there twice"] : []),
      ];
    },
  };
}

const charactersOf = (texts: Texts): string[] => [...texts.values()].flatMap((text) => Array.from(text));
