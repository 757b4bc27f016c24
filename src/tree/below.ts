import { effectsOn, inversesOn } from "./by-node.ts";
import type { History, Step } from "./draft.ts";
import { sameJson } from "./json.ts";
import { type Home, type Json, type NodeId, type NodeRecord, seqIn } from "./node.ts";
import type { Effect, Inverse } from "./operations.ts";
import { isUndone, placedBy } from "./past.ts";

// What stood there before an event, and stands there again without it. Each event knows what it has replaced, and whose that
// was; what is undone itself is passed over.

type Node = Readonly<NodeRecord>;

interface Standing {
  /** Whose it is; 0 for what was first. */
  readonly seq: number;
  /** What stood there when the event was made, and is undone since. */
  readonly passed?: number | undefined;
}

export interface Value extends Standing {
  /** Undefined: there was none. */
  readonly value: Json | undefined;
}

/** The value of an attribute without an event, which wrote it last. */
export function attrBelow(history: History, node: Node, step: Step, key: string): Value | null {
  return below(history, node, step, (event) => {
    const inverse = inversesOn(event, node.id).findLast((each) => each.op === "update" && writes(each, key));
    if (inverse?.op !== "update") return null;
    const { attrs, was } = inverse;
    return { value: attrs && Object.hasOwn(attrs, key) ? attrs[key] : undefined, seq: seqIn(was, key) ?? 0 };
  });
}

/** The same of the type. */
export function typeBelow(history: History, node: Node, step: Step): (Standing & { readonly type: string }) | null {
  return below(history, node, step, (event) => {
    const inverse = inversesOn(event, node.id).findLast((each) => each.op === "update" && each.type !== undefined);
    if (inverse?.op !== "update" || inverse.type === undefined) return null;
    return { type: inverse.type, seq: inverse.typed ?? 0 };
  });
}

/** Whose the value of an attribute is that a node has. */
export function writerOf(history: History, { id, attrs, written }: Node, key: string, step: Step): number {
  const isIts = (effect: Effect) =>
    effect.op === "update" &&
    effect.id === id &&
    sameJson(effect.attrs?.[key], Object.hasOwn(attrs, key) ? attrs[key] : undefined);
  return seqIn(written, key) ?? unknown(history, step, id, isIts);
}

/** The same of its type, and of its place. */
export function typerOf(history: History, { id, type, past }: Node, step: Step): number {
  return (
    past?.type ??
    unknown(history, step, id, (effect) => effect.op === "update" && effect.id === id && effect.type === type)
  );
}
export function placerOf(history: History, node: Node, step: Step): number {
  const { id, parent } = node;
  const isIts = (effect: Effect) =>
    effect.op === "insert"
      ? effect.node.id === id
      : effect.op === "move" && effect.id === id && effect.parent === parent;
  return placedBy(node) || unknown(history, step, id, isIts);
}

/** Where nobody knows it is taken for the event's own, if it is what that did, and else for a later one's. */
function unknown({ since = 0 }: History, step: Step, id: NodeId, isIts: (effect: Effect) => boolean): number {
  const { seq } = step;
  if (seq > since) return 0;
  return effectsOn(step, id).some(isIts) ? seq : Number.POSITIVE_INFINITY;
}

export interface Stood extends Standing {
  readonly parent: NodeId;
  readonly prev: NodeId | null;
  readonly next: NodeId | null;
  /** Where it belonged, as that was removed. */
  readonly home?: Home | undefined;
  /** It is to be put into what is removed no more than it was at first (C5). */
  readonly sent?: boolean | undefined;
  /** It stood there until this event. */
  readonly until: number;
}

/** The place of a node without an event, which put it where it is. */
export function placeBelow(history: History, node: Node, step: Step): Stood | null {
  return below(history, node, step, (event) => {
    const inverse = inversesOn(event, node.id).findLast((each) => each.op === "move" || each.op === "remove");
    if (inverse?.op === "move") {
      const { parent, was, before = null } = inverse;
      const prev = was.after === undefined ? inverse.after : was.after;
      return { parent, prev, next: before, home: was.home, until: event.seq, seq: was.place ?? was.placed };
    }
    if (!inverse?.was) return null;
    const { parent, prev, next, placed, place, home } = inverse.was;
    return { parent, prev, next, home, until: event.seq, seq: place ?? placed };
  });
}

/** Goes down from what an event has replaced to what is not undone. */
function below<T extends Standing>(
  history: History,
  node: Node,
  step: Step,
  before: (step: Step) => T | null,
): T | null {
  const first = before(step);
  let found = first;
  // Each is older than the one before, but for what one event did to a node that it inserted itself.
  let above = step.seq;
  while (found && found.seq > 0 && found.seq < above && isUndone(node, found.seq)) {
    above = found.seq;
    const earlier = history.at(found.seq);
    const next = earlier && before(earlier);
    // The history does not tell any more what that had replaced.
    if (!next) return null;
    found = { ...next, passed: first?.seq };
  }
  return found;
}

function writes({ attrs, unset }: Extract<Inverse, { op: "update" }>, key: string): boolean {
  return (attrs !== undefined && Object.hasOwn(attrs, key)) || unset?.includes(key) === true;
}
