import { type Burial, burialOf, isExpired, placedBelow } from "./above.ts";
import { insertNew, merged, moveNode, updateRecord } from "./apply.ts";
import { flatten } from "./data.ts";
import type { Draft, MutationContext } from "./draft.ts";
import type { FlatNode } from "./flat.ts";
import { backTo, inverseUpdate } from "./inverse.ts";
import type { Home, NodeId, NodeRecord } from "./node.ts";
import {
  type Anchors,
  assertNever,
  type Insert,
  type InsertEffect,
  type InverseUpdate,
  type Move,
  type MoveEffect,
  type Operation,
  type Place,
  type Remove,
  type Update,
} from "./operations.ts";
import { insertEffect, lose, lostTo, moveEffect, note, performed } from "./perform.ts";
import { resolveAnchors, whereItStood } from "./place.ts";
import { restore } from "./restore.ts";
import { mustGet, type Store } from "./store.ts";
import { takeAway } from "./take-away.ts";
import { unseenBelow } from "./unseen.ts";
import type { Refusal } from "./verdict.ts";

type Node = Readonly<NodeRecord>;

const ROOT_STAYS = "the root neither moves nor goes";

/** Decides one operation: applies it and notes effect, inverse and receipts in the draft, or says why not. */
export function decide(draft: Draft, operation: Operation): Refusal | null {
  switch (operation.op) {
    case "insert":
      return decideInsert(draft, operation);
    case "move":
      return decideMove(draft, operation);
    case "update":
      return decideUpdate(draft, operation);
    case "remove":
      return decideRemove(draft, operation);
    case "edit":
    case "split":
    case "join":
    case "mark":
      // A replica that edits no texts waits for the object's word.
      return draft.context.texts?.decide(draft, operation) ?? null;
    case "undo":
    case "redo":
      // A replica that knows nothing of the past waits for the object's word.
      return draft.context.history?.decide(draft, operation) ?? null;
    default:
      return assertNever(operation);
  }
}

function decideInsert(draft: Draft, operation: Insert): Refusal | null {
  const { node, parent } = operation;
  const { store, context } = draft;
  const above = store.get(parent);
  if (!above) return notFound(parent);
  const flat = flatten(node, context.newId);
  const refusal = refuseNodes(draft, flat);
  if (refusal) return refusal;
  const burial = burialOf(store, above);
  if (isExpired(burial)) return notFound(parent);
  const place = targetPlace(draft, above, burial, operation);
  if ("code" in place) return place;
  const deep = context.keeper?.tooDeep(store, place.parent, flat);
  if (deep) return deep;
  if (burial) note(draft, "redirected", flat[0]?.id ?? "");
  const home = burial ? { home: askedFor(operation) } : null;
  let top = true;
  for (const each of flat) {
    const effect: InsertEffect = top ? { ...insertEffect(each, place), ...home } : insertEffect(each, each);
    insertNew(store, effect, context.seq, top && !burial ? above : undefined);
    performed(draft, effect, top ? { op: "remove", id: each.id, was: null } : undefined);
    top = false;
  }
  return null;
}

/** Why these nodes cannot be new ones, or null. */
export function refuseNodes({ store, context }: Draft, flat: readonly FlatNode[]): Refusal | null {
  if (flat.length > 1) store.expect?.(flat.map(({ id }) => id));
  const ids = flat.length > 1 ? new Set<NodeId>() : null;
  for (const { id, attrs } of flat) {
    const known = store.get(id);
    if (known) return refuse("exists", `node ${id} ${whyTaken(burialOf(store, known))}`);
    if (ids?.has(id)) return refuse("exists", `node ${id} exists`);
    ids?.add(id);
    const problem = attrs && context.attrsProblem?.(attrs);
    if (problem) return refuse("tooLarge", `node ${id}: ${problem}`);
  }
  return null;
}

/** Why an id is not free. */
function whyTaken(burial: Burial | null): string {
  if (!burial) return "exists";
  if (isExpired(burial)) return "has expired and is not deleted yet";
  return "exists and is removed; a move restores it";
}

function decideMove(draft: Draft, operation: Move): Refusal | null {
  const { id, parent } = operation;
  const { store, context } = draft;
  const node = store.get(id);
  if (!node) return notFound(id);
  if (node.parent === null) return refuse("root", ROOT_STAYS);
  const above = store.get(parent);
  if (!above) return notFound(parent);
  const target = burialOf(store, above);
  if (isExpired(target)) return notFound(parent);
  const cycle = findCycle(draft, node, above, target !== null);
  if (cycle) return cycle;
  const burial = burialOf(store, node);
  if (isExpired(burial)) return notFound(id);
  // Where it was removed from is removed, too: it comes back with that.
  const inside = target !== null && node.removed !== null && node.parent === parent;
  const place = targetPlace(draft, above, inside ? null : target, operation, node);
  if ("code" in place) return place;
  // One that is alive stands no deeper elsewhere among its siblings, however deep that is from before there was a limit.
  const deep = burial || place.parent !== node.parent ? context.keeper?.tooDeep(store, place.parent, node) : null;
  if (deep) return deep;
  if (inside) note(draft, "removed", id);
  else if (target) note(draft, "redirected", id);
  const home = target && !inside ? { home: askedFor(operation) } : {};
  if (burial) return restore(draft, node, burial, place, inside, home);
  // Where it stands among the living: nothing changes for anybody.
  if (place.parent === node.parent && (place.after === node.prev || place.after === id)) return null;
  lose(draft, node.placed, id, "moved");
  const effect: MoveEffect = { ...moveEffect(id, place), ...home };
  const inverse = backTo(node, place.parent);
  moveNode(store, node, effect, context.seq, target ? undefined : above);
  performed(draft, effect, inverse);
  return null;
}

function decideUpdate(draft: Draft, asked: Update): Refusal | null {
  const { store, context } = draft;
  if (!store.get(asked.id)) return notFound(asked.id);
  // What was merged is done already, and may have changed the node.
  const operation = context.texts?.sight ? context.texts.merge(draft, asked) : asked;
  if ("code" in operation) return operation;
  const node = mustGet(store, asked.id);
  const burial = burialOf(store, node);
  const inverse = updateNode(store, context, operation, node, burial);
  if (inverse && "code" in inverse) return inverse;
  if (burial) note(draft, "removed", operation.id);
  if (!inverse) return null;
  for (const lost of lostTo(context, operation.id, inverse)) draft.lost.push(lost);
  performed(draft, operation, inverse);
  return null;
}

/** Updates a node and says what undoes that; null where it changes nothing, or why it may not. */
export function updateNode(
  store: Store,
  context: MutationContext,
  operation: Update,
  node: Node,
  burial: Burial | null,
): InverseUpdate | Refusal | null {
  const { id, attrs, unset } = operation;
  if (isExpired(burial)) return notFound(id);
  const next = attrs || unset ? merged(node.attrs, attrs, unset) : undefined;
  const problem = next && context.attrsProblem?.(next, node.attrs);
  // What takes away alone is measured for what comes next, and never too much.
  if (attrs && problem) return refuse("tooLarge", `node ${id}: ${problem}`);
  const inverse = inverseUpdate(node, operation);
  if (!inverse) return null;
  const over = inverse.attrs && context.budget?.dragsAttrs(inverse.attrs);
  if (over) return over;
  updateRecord(store, store.edit(id, node), operation, context.seq, undefined, next);
  return inverse;
}

function decideRemove(draft: Draft, { id }: Remove): Refusal | null {
  const { store, context } = draft;
  const node = store.get(id);
  if (!node) return notFound(id);
  if (node.parent === null) return refuse("root", ROOT_STAYS);
  const burial = burialOf(store, node);
  if (isExpired(burial)) return notFound(id);
  if (burial) {
    context.keeper?.removeOnceMore(draft, node, burial);
    return null;
  }
  const unseen = unseenIn(draft, node);
  if (unseen === null) {
    return refuse("unseen", `node ${id} is large, and what others have put inside since is too much to look through`);
  }
  if (unseen.length > 0 && context.conflicts === "reject") {
    return refuse("unseen", `node ${id} holds what its remover has not seen: ${unseen.slice(0, 10).join(", ")}`);
  }
  takeAway(draft, node, unseen);
  return null;
}

/** The place that was asked for, to be gone to when it is there again. */
function askedFor({ parent, after, before }: Insert | Move): Home {
  return { parent, ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
}

/** What others have put into a branch that its remover has not seen; null where that is too much to find out. */
export function unseenIn({ store, context }: Draft, top: Node): NodeId[] | null {
  const { sees, seq, keeper, base = seq } = context;
  if (!sees || top.first === null) return [];
  // Undoing what was done unseen, its author has put a node back to where somebody else had put it meanwhile.
  const isBlind = (id: NodeId) => {
    const place = store.get(id)?.past?.place;
    return place !== undefined && !sees(place);
  };
  // What this mutation itself has placed, it has seen.
  const isKnown = ({ id, placed }: Pick<Node, "id" | "placed">) =>
    placed === seq || (sees(placed) && !(placed > base && isBlind(id)));
  return keeper ? keeper.unseenIn(store, top, isKnown, sees) : unseenBelow(store, top, isKnown);
}

/** The place that a parent and anchors mean, redirected where the parent is removed and the document allows it. */
function targetPlace(
  draft: Draft,
  parent: Node,
  burial: Burial | null,
  anchors: Anchors,
  moving?: Node,
): Place | Refusal {
  const { store, context } = draft;
  if (!burial) return resolveAnchors(store, parent, anchors, moving, context);
  if (context.conflicts === "reject") {
    const grave = mustGet(store, burial.grave);
    return refuse("removed", `node ${parent.id} is removed`, namedSeq(draft, grave.removed ?? 0));
  }
  return whereItStood(store, mustGet(store, burial.top), anchors);
}

/** Refuses a move of a node under itself, naming the latest event that put the target there. */
export function findCycle(draft: Draft, node: Node, target: Node, buried: boolean): Refusal | null {
  // A live target lies below live children only. This spares most moves the walk.
  if (!buried && node.first === null && target.id !== node.id) return null;
  const winner = placedBelow(draft.store, target, node.id);
  if (winner === null) return null;
  return refuse("cycle", `node ${target.id} is inside node ${node.id}`, namedSeq(draft, winner));
}

/** The seq of an event that can be named: not the beginning, and not this very mutation, which is none yet. */
function namedSeq({ context }: Draft, seq: number): number | undefined {
  return seq > 0 && seq < context.seq ? seq : undefined;
}

export function refuse(code: Refusal["code"], message: string, seq?: number): Refusal {
  return { code, message, ...(seq !== undefined && { seq }) };
}

export function notFound(id: NodeId): Refusal {
  return refuse("notFound", `there is no node ${id}`);
}
