import { FRAME_LIMITS } from "../../protocol/index.ts";
import {
  assertNever,
  createLayer,
  type Effect,
  eachInSubtree,
  type Inverse,
  type Json,
  type MutationContext,
  mutate,
  type NodeId,
  type Operation,
  type ReadStore,
  type Update,
} from "../../tree/index.ts";
import { alive } from "../difference.ts";
import type { Step } from "../step.ts";

/**
 * A part that is not undone: `changed`: someone else changed it later; `gone`: the node, or the place it was in, is not
 * there any more, or it is there again already; `used`: there are nodes inside that are not part of what is undone.
 */
export interface Skipped {
  readonly id: NodeId;
  readonly why: "changed" | "gone" | "used";
}

export interface Unmade {
  /** What takes the steps back, in order, as far as it can be. */
  readonly ops: readonly Operation[];
  readonly skipped: readonly Skipped[];
}

/** What an effect touches: content as a whole, type, each attribute, place. Ids hold no spaces. */
export function touchesOf(effect: Effect): string[] {
  switch (effect.op) {
    case "insert":
      return [placeOf(effect.node.id), contentOf(effect.node.id), contentOf(effect.parent)];
    case "move":
      return [placeOf(effect.id), contentOf(effect.id), contentOf(effect.parent)];
    case "remove":
      return [placeOf(effect.id), contentOf(effect.id)];
    case "update": {
      const keys = [...Object.keys(effect.attrs ?? {}), ...(effect.unset ?? [])].map((key) => attrOf(effect.id, key));
      return [contentOf(effect.id), ...(effect.type === undefined ? [] : [typeOf(effect.id)]), ...keys];
    }
    default:
      return assertNever(effect);
  }
}
const placeOf = (id: NodeId) => `place ${id}`;
const contentOf = (id: NodeId) => `content ${id}`;
const typeOf = (id: NodeId) => `type ${id}`;
const attrOf = (id: NodeId, key: string) => `attr ${id} ${key}`;

/**
 * Works out what takes steps back from the tree as it is now, without overwriting what others did later: each part is
 * tried by itself on a layer, and left out where it cannot be. `isTouched` says whether someone else touched it later.
 */
export function unmake(
  tree: ReadStore,
  steps: readonly Step[],
  context: MutationContext,
  isTouched: (what: string, since: Step) => boolean,
): Unmade {
  const layer = createLayer(tree);
  const ops: Operation[] = [];
  const skipped: Skipped[] = [];
  const attempt = (operation: Operation) => {
    if (ops.length >= FRAME_LIMITS.operationsPerMutation) return false;
    const verdict = mutate(layer, [operation], context);
    if (verdict.ok && verdict.ops.length > 0) ops.push(operation);
    return verdict.ok;
  };
  const skip = (id: NodeId, why: Skipped["why"]) => void skipped.push({ id, why });

  const unmakeOne = (step: Step, inverse: Inverse, { made, whole, removed }: Made) => {
    const { id } = inverse;
    const node = alive(layer, id);
    switch (inverse.op) {
      case "remove": {
        if (!node) return skip(id, "gone");
        let why: Skipped["why"] | null = null;
        eachInSubtree(layer, id, (below) => {
          if (isTouched(contentOf(below.id), step)) why = "changed";
          else if (!made.has(below.id) && !whole.has(id)) why ??= "used";
        });
        if (why) return skip(id, why);
        if (!attempt({ op: "remove", id })) skip(id, "gone");
        return;
      }
      case "move": {
        const { parent, after, before } = inverse;
        if (isTouched(placeOf(id), step)) return skip(id, "changed");
        const back: Operation = { op: "move", id, parent, after, before };
        if (!removed.has(id)) {
          if (!node || !alive(layer, parent) || !attempt(back)) skip(id, "gone");
        } else if (node) skip(id, "gone");
        // What was removed before this visit is not known here, but to the server.
        else if (!layer.get(id) || !layer.get(parent)) ops.push(back);
        else if (!attempt(back)) skip(id, "gone");
        // Where it was moved before it was removed, that is taken back next.
        removed.delete(id);
        return;
      }
      case "update": {
        const rest = untouched(inverse, (what) => isTouched(what, step));
        if (rest !== inverse) skip(id, "changed");
        if (rest && !attempt(rest)) skip(id, "gone");
        return;
      }
      default:
        assertNever(inverse);
    }
  };

  for (const step of steps.toReversed()) {
    const made = madeBy(step);
    for (const inverse of step.inverse) unmakeOne(step, inverse, made);
    // Moved out of what was removed, and removed by undoing that: restoring the top does not bring these back.
    for (const { id, parent, after } of step.stood) {
      const node = layer.get(id);
      if (!node || node.removed === null || isTouched(placeOf(id), step)) continue;
      const back: Operation = { op: "move", id, parent, after };
      if (!layer.get(parent)) ops.push(back);
      else if (alive(layer, parent)) attempt(back);
    }
  }
  return { ops, skipped };
}

/** What a step has done to whom. */
interface Made {
  readonly made: ReadonlySet<NodeId>;
  /** Brought back with all that was below them, which is not named. */
  readonly whole: ReadonlySet<NodeId>;
  readonly removed: Set<NodeId>;
}

function madeBy({ effects }: Step): Made {
  const [made, whole, removed] = [new Set<NodeId>(), new Set<NodeId>(), new Set<NodeId>()];
  for (const effect of effects) {
    if (effect.op === "insert") made.add(effect.node.id);
    else if (effect.op === "remove") removed.add(effect.id);
    else if (effect.op === "move" && effect.restores !== undefined) whole.add(effect.id);
  }
  return { made, whole, removed };
}

/** The part of an update that nobody else has touched: all of it, less, or nothing. */
function untouched(update: Update, isTouched: (what: string) => boolean): Update | null {
  const { id, attrs = {}, unset = [], type } = update;
  const free = (key: string) => !isTouched(attrOf(id, key));
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(attrs)) if (free(key)) kept[key] = value;
  const cleared = unset.filter(free);
  const typed = type !== undefined && !isTouched(typeOf(id));
  const parts = Object.keys(kept).length + cleared.length + Number(typed);
  if (parts === Object.keys(attrs).length + unset.length + Number(type !== undefined)) return update;
  if (parts === 0) return null;
  return { op: "update", id, attrs: kept, unset: cleared, ...(typed && { type }) };
}
