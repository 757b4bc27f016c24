import {
  clipped,
  difference,
  growth,
  invert,
  keyOf,
  type MarkStep,
  marksAttr,
  marksBack,
  marksOf,
  type Step as TextStep,
} from "../text/index.ts";
import { isOfMarks } from "./marks.ts";
import type { Json, NodeId } from "./node.ts";
import type { Effect, Inverse, InverseEdit, InverseUpdate, UpdateEffect } from "./operations.ts";

/** The value that an attribute had right before an effect; undefined where it had none, or nobody knows. */
type ValueBefore = (id: NodeId, attr: string) => Json | undefined;

/**
 * What an effect does to texts; `before` is asked of what an update is about to replace. The other parts of a split or join follow from
 * its first, and what removes, moves or restores a node does nothing to its text.
 */
export function stepsOfEffect(effect: Effect, before: ValueBefore): readonly TextStep[] {
  if (effect.op === "edit") return stepsOfEdit(effect);
  if (effect.op !== "update" || (!effect.attrs && !effect.unset)) return NOTHING;
  if (isOfMarks(effect)) return effect.mark ? [markStep(effect, effect.mark)] : NOTHING;
  const { id, attrs, unset = [] } = effect;
  const isBack = effect.undo !== undefined;
  const steps: TextStep[] = [];
  // In one order, whichever of them it sets: so what takes it back is told as the opposite of it.
  for (const attr of [...Object.keys(attrs ?? {}), ...unset].sort()) {
    const [old, next] = [before(id, attr), unset.includes(attr) ? undefined : attrs?.[attr]];
    if (typeof old !== "string" && typeof next !== "string") continue;
    // What takes an update back does so exactly: there may be several smallest differences.
    const changes = isBack
      ? invert(difference(textOf(next), textOf(old)), textOf(next))
      : difference(textOf(old), textOf(next));
    if (changes.length > 0) steps.push({ op: "edit", id, attr, changes });
  }
  return steps;
}

function markStep({ id, undo, redo }: UpdateEffect, mark: NonNullable<UpdateEffect["mark"]>): TextStep {
  return { op: "mark", id, ...mark, ...(undo !== undefined && { undo }), ...(redo !== undefined && { redo }) };
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
  return ofEach(effects, inverse, stepsOfEffect).flat();
}

/** Makes something of each effect of an event, given what there was before. */
function ofEach<T>(
  effects: readonly Effect[],
  inverse: readonly Inverse[],
  make: (effect: Effect, before: ValueBefore) => T,
): T[] {
  // The oldest first, as the effects.
  const updates = inverse.flatMap((each) => (each.op === "update" && !each.marks ? [each] : [])).reverse();
  /** What this event has written. An update that changes nothing has no inverse, and takes another's for its own: to no effect. */
  const written = new Map<string, Json | undefined>();
  return effects.map((effect) => {
    if (effect.op !== "update" || isOfMarks(effect)) return make(effect, nothingBefore);
    const { id, attrs = {}, unset = [] } = effect;
    const keys = [...Object.keys(attrs), ...unset];
    const at = updates.findIndex((each) => each.id === id && isWithin(each, keys, effect));
    const [own] = at < 0 ? [] : updates.splice(at, 1);
    const made = make(effect, (_, attr) => (own ? own.attrs?.[attr] : written.get(keyOf(id, attr))));
    for (const key of keys) written.set(keyOf(id, key), unset.includes(key) ? undefined : attrs[key]);
    return made;
  });
}

/** An effect, what it has done to texts, and what takes that back. */
export interface TextPart {
  /** The event. */
  readonly seq: number;
  readonly effect: Effect;
  readonly steps: readonly TextStep[];
  readonly back: readonly TextStep[];
}

/** An event as what each of its effects has done to texts. */
export function textParts(seq: number, effects: readonly Effect[], inverse: readonly Inverse[]): readonly TextPart[] {
  const edits = inverse.flatMap((each) => (each.op === "edit" ? [each] : []));
  const marks = inverse.flatMap((each) => (each.op === "update" && each.marks ? [each] : []));
  return ofEach(effects, inverse, (effect, before) => {
    const steps = stepsOfEffect(effect, before);
    const own =
      effect.op === "edit" ? edits.pop() : effect.op === "update" && isOfMarks(effect) ? marks.pop() : undefined;
    const back = steps.flatMap((step) => {
      if (step.op === "mark") return own?.op === "update" ? markBack(step, own) : [];
      if (step.op === "edit" && own?.op === "edit") return editBack(own);
      return inverseSteps(step, textOf(before(step.id, step.attr)));
    });
    return { seq, effect, steps, back };
  });
}

/** Whether it takes back nothing but what an update may have changed. */
function isWithin({ attrs, unset = [], type }: InverseUpdate, keys: readonly string[], effect: UpdateEffect): boolean {
  const own = [...Object.keys(attrs ?? {}), ...unset];
  return own.every((key) => keys.includes(key)) && (type === undefined || effect.type !== undefined);
}

const nothingBefore: ValueBefore = () => undefined;

export function namesAttr({ attrs, unset }: Pick<UpdateEffect, "attrs" | "unset">, key: string): boolean {
  return (attrs !== undefined && Object.hasOwn(attrs, key)) || unset?.includes(key) === true;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The steps that take a step back; `text` is the one that an edit was made of. What a split has made is joined again. */
export function inverseSteps(step: Exclude<TextStep, MarkStep>, text: string): readonly TextStep[] {
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

/** The steps that take an edit back: what it has deleted comes with the marks that it had. */
export function editBack({ id, attr, changes, marks }: InverseEdit): readonly TextStep[] {
  const steps: TextStep[] = [{ op: "edit", id, attr, changes }];
  const had = marks === undefined ? [] : (marksOf(marks, Number.MAX_SAFE_INTEGER) ?? []);
  let at = 0;
  for (const change of changes) {
    if (typeof change === "string") {
      const end = at + change.length;
      for (const [from, to, key, value] of clipped(had, at, end))
        steps.push({ op: "mark", id, attr, from: at + from, to: at + to, key, value });
      at = end;
    } else if (change > 0) at += change;
  }
  return steps;
}

/** The steps that take a mark back: what there was of its key. */
export function markBack({ id, attr, from, to, key }: MarkStep, { attrs }: InverseUpdate): readonly TextStep[] {
  const had = marksOf(attrs?.[marksAttr(attr)], Number.MAX_SAFE_INTEGER) ?? [];
  return marksBack(had, from, to, key).map((each) => ({ op: "mark", id, attr, ...each }));
}
