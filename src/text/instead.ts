import { type Changes, normalize } from "./changes.ts";
import { compose } from "./compose.ts";
import { keyOf, type Step, undone } from "./step.ts";

/**
 * What leads from where `thought` has led to where `done` has, both made of the same texts: to who stands behind the one it is as if
 * somebody had put the other in its place. Nothing where they come to the same. What comes back of what `thought` has taken away are so many
 * spaces: it is for a bridge, to which lengths are all that counts.
 */
export function instead(thought: readonly Step[], done: readonly Step[]): readonly Step[] {
  const [one, other] = [gathered(thought), gathered(done)];
  const differs = one.findIndex((step, at) => nameOf(step) !== nameOf(other[at]));
  const same = differs < 0 ? one.length : differs;
  return [...one.slice(same).reverse().flatMap(back), ...other.slice(same)];
}

/** The edits of a text between two moves as one, each text in its turn. Marks change no text. */
function gathered(steps: readonly Step[]): readonly Step[] {
  const all: Step[] = [];
  let edits = new Map<string, Step>();
  const end = () => {
    for (const [, edit] of [...edits].sort(([a], [b]) => (a < b ? -1 : 1))) all.push(edit);
    edits = new Map();
  };
  for (const step of steps) {
    if (step.op === "edit") {
      const { id, attr } = step;
      const before = edits.get(keyOf(id, attr));
      const changes = before?.op === "edit" ? compose(before.changes, step.changes) : step.changes;
      if (changes.length === 0) edits.delete(keyOf(id, attr));
      else edits.set(keyOf(id, attr), { op: "edit", id, attr, changes });
    } else if (step.op !== "mark") {
      end();
      all.push(step);
    }
  }
  end();
  return all;
}

/** The fields of a step in one order, without those that are 0 as well where they are missing. */
const nameOf = (step: Step | undefined): string =>
  JSON.stringify(
    Object.entries(step ?? {})
      .filter(([, value]) => value)
      .sort(),
  );

function back(step: Step): readonly Step[] {
  if (step.op === "mark") return [];
  return step.op === "edit" ? [{ ...step, changes: backOf(step.changes) }] : undone(step);
}

function backOf(all: Changes): Changes {
  return normalize(
    all.map((change) => {
      if (typeof change === "string") return -change.length;
      return change < 0 ? " ".repeat(-change) : change;
    }),
  );
}
