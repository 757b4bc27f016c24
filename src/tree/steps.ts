import { difference, growth, invert, type Step as TextStep } from "../text/index.ts";
import type { Json, NodeId } from "./node.ts";
import type { Effect, Inverse, InverseUpdate } from "./operations.ts";

/** The value that an attribute had right before an effect; undefined where it had none, or nobody knows. */
type ValueBefore = (id: NodeId, attr: string) => Json | undefined;

/**
 * What an effect does to texts; `before` is asked of what an update is about to replace. The other parts of a split or join follow from
 * its first, and what removes, moves or restores a node does nothing to its text.
 */
export function stepsOfEffect(effect: Effect, before: ValueBefore): readonly TextStep[] {
  if (effect.op === "edit") return stepsOfEdit(effect);
  if (effect.op !== "update" || (!effect.attrs && !effect.unset)) return NOTHING;
  const { id, attrs, unset = [] } = effect;
  const steps: TextStep[] = [];
  for (const attr of [...Object.keys(attrs ?? {}), ...unset]) {
    const [old, next] = [before(id, attr), unset.includes(attr) ? undefined : attrs?.[attr]];
    if (typeof old !== "string" && typeof next !== "string") continue;
    const changes = difference(textOf(old), textOf(next));
    if (changes.length > 0) steps.push({ op: "edit", id, attr, changes });
  }
  return steps;
}

/** Most effects are none. */
const NOTHING: readonly TextStep[] = [];

function stepsOfEdit(effect: Extract<Effect, { op: "edit" }>): readonly TextStep[] {
  const { id, attr, changes, split, join, from } = effect;
  if (split) return [{ op: "split", id, attr, ...split }];
  if (join) return [{ op: "join", id, attr, ...join, length: 0 - growth(changes) }];
  return from !== undefined || changes.length === 0 ? NOTHING : [{ op: "edit", id, attr, changes }];
}

/** The same of a whole event, from the log: what undoes it tells what its updates have replaced. */
export function stepsOf(effects: readonly Effect[], inverse: readonly Inverse[]): readonly TextStep[] {
  if (!effects.some(({ op }) => op === "edit" || op === "update")) return NOTHING;
  // The oldest first, as the effects.
  const updates = inverse.filter((each) => each.op === "update").reverse();
  /** What this event has written. An update that changes nothing has no inverse, and takes another's for its own: to no effect. */
  const written = new Map<string, Json | undefined>();
  return effects.flatMap((effect) => {
    if (effect.op !== "update") return stepsOfEffect(effect, nothingBefore);
    const { id, attrs = {}, unset = [] } = effect;
    const keys = [...Object.keys(attrs), ...unset];
    const at = updates.findIndex((each) => each.id === id && keys.some((key) => names(each, key)));
    const [own] = at < 0 ? [] : updates.splice(at, 1);
    const steps = stepsOfEffect(effect, (_, attr) => (own ? own.attrs?.[attr] : written.get(`${id} ${attr}`)));
    for (const key of keys) written.set(`${id} ${key}`, unset.includes(key) ? undefined : attrs[key]);
    return steps;
  });
}

const nothingBefore: ValueBefore = () => undefined;

function names({ attrs, unset }: InverseUpdate, key: string): boolean {
  return (attrs !== undefined && Object.hasOwn(attrs, key)) || unset?.includes(key) === true;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The steps that take a step back; `text` is the one that an edit was made of. What a split has made is joined again. */
export function inverseSteps(step: TextStep, text: string): readonly TextStep[] {
  if (step.op === "edit") return [{ ...step, changes: invert(step.changes, text) }];
  const { id, attr, at, length } = step;
  if (step.op === "join") return [{ op: "split", id: step.into, attr, at, length: at + length, node: id }];
  const { node, head } = step;
  if (!head) return [{ op: "join", id: node, into: id, attr, at, length: length - at }];
  // What is joined comes to the end: so the rest goes behind the beginning, and all of it back.
  return [
    { op: "join", id, into: node, attr, at, length: length - at },
    { op: "join", id: node, into: id, attr, at: 0, length },
  ];
}
