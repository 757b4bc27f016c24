import { applyChanges, type Changes, compose, difference, keyOf, type Step } from "../../text/index.ts";
import type { NodeId } from "../../tree/index.ts";
import { createRunning } from "./running.ts";

/** A text as it was. */
interface Before {
  readonly id: NodeId;
  readonly attr: string;
  readonly text: string;
}

/** How texts have come to what they are. */
export interface Course {
  /** The changes of this one that lead to `now`. */
  changes(before: Before, now: string): Changes;
  /** The steps to carry a place in it over. */
  steps(before: Before, now: string): readonly Step[];
}

/**
 * By the steps, where these are known and come to what there is; else by the smallest changes. `all` are the texts whose
 * state before is known.
 */
export function courseOf(all: Iterable<Before>, steps: readonly Step[] | undefined): Course {
  const before = new Map<string, string>();
  for (const { id, attr, text } of all) before.set(keyOf(id, attr), text);
  const exact = new Map<string, Changes | null>();
  const find = ({ id, attr, text }: Before, now: string): Changes | null => {
    const key = keyOf(id, attr);
    const found = exact.get(key);
    if (found !== undefined) return found;
    const changes = steps ? changesBy(steps, id, attr) : null;
    const fits = changes && applyChanges(text, changes) === now ? changes : null;
    exact.set(key, fits);
    return fits;
  };
  const changesBy = (known: readonly Step[], id: NodeId, attr: string): Changes | null => {
    const running = createRunning((of, name) => before.get(keyOf(of, name)));
    let all: Changes = [];
    for (const step of known) {
      const next = running.changesOf(step, id, attr);
      if (!next) return null;
      all = compose(all, next);
      running.apply(step);
    }
    return all;
  };
  return {
    changes: (text, now) => find(text, now) ?? difference(text.text, now),
    steps(text, now) {
      const { id, attr } = text;
      if (steps && find(text, now)) return steps;
      return [{ op: "edit", id, attr, changes: difference(text.text, now) }];
    },
  };
}
