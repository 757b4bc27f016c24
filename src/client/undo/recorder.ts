import { applyEffect, decideUndo, type Inverse, inverseOf, PROVENANCE } from "../../tree/index.ts";
import type { Pending } from "../pending.ts";
import type { Recorder } from "../replica.ts";
import { createStep, type Step } from "../step.ts";

/** Effects of our own mutations that are kept in mind; those of older ones only the server knows. */
const MOST_EFFECTS = 100_000;

/** Takes down what our own mutations do, so that undoing them is seen before the server has answered. */
export function createRecorder(own: string): Recorder {
  /** Those that are committed, by seq. */
  const known = new Map<number, Step>();
  let effects = 0;

  const keep = (step: Step) => {
    known.set(step.seq, step);
    effects += step.effects.length;
    for (const [seq, oldest] of known) {
      if (effects <= MOST_EFFECTS) break;
      known.delete(seq);
      effects -= oldest.effects.length;
    }
  };
  /** By counter, what a client has done: one of a closed page counts its own. */
  const stepsOf = (client: string, pending: readonly Pending[]) => {
    const theirs = pending.filter((each) => each.client === client);
    const kept = theirs.flatMap(({ named = [] }) => named);
    const committed = client === own ? known.values() : [];
    return new Map([...kept, ...committed, ...theirs.map(({ step }) => step)].map((step) => [step.mutation, step]));
  };
  return {
    provenance: PROVENANCE,
    commit(tree, { seq, ops, mutation, undoes, redoes }, pending) {
      const inverse: Inverse[] = [];
      for (const effect of ops) {
        const undoing = inverseOf(tree, effect);
        if (undoing) inverse.push(undoing);
        applyEffect(tree, effect, seq);
      }
      const step = Object.assign(pending ?? createStep(mutation ?? 0), { seq, effects: ops, undoes, redoes });
      step.inverse = inverse.reverse();
      keep(step);
      return step;
    },
    forget() {
      known.clear();
      effects = 0;
    },
    history(pending, since, client) {
      const at = (seq: number) => {
        const kept = () => pending.flatMap(({ named = [] }) => named).find((step) => step.seq === seq && seq <= since);
        return known.get(seq) ?? pending.find(({ step }) => step.seq === seq)?.step ?? kept();
      };
      return {
        since,
        at,
        lacks: () => ({ code: "expired", message: "it is not known here" }),
        decide: decideUndo,
        named({ mutations = [], client: whose = client }) {
          const found = stepsOf(whose, pending);
          const all = mutations.flatMap((mutation) => found.get(mutation) ?? []);
          // What is not known here is shown when the server has answered, all of it at once.
          return all.length < mutations.length ? [] : all;
        },
      };
    },
  };
}
