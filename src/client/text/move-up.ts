import type { Bridge, Step } from "../../text/index.ts";
import {
  isOnText,
  isUndo,
  type Json,
  type NodeId,
  type Operation,
  type TextOperation,
  type Update,
} from "../../tree/index.ts";
import type { Pending } from "../pending.ts";
import { passReplaced, sightOf } from "./seen.ts";

/** What becomes of a step when it is asked for anew; null where nothing does. */
type Fit = (step: Step) => Step | null;

/**
 * What is pending and asks something of texts has seen everything up to `seq` from now on: takes all of it over the bridge. Of an update
 * that others have met it is the edit that both survive by: the object would have found that out by what they have done.
 */
export function moveUp(bridge: Bridge, seq: number, all: readonly Pending[], suit: Fit = (step) => step): void {
  for (const each of all) {
    bridge.advance(each.base);
    const { seen } = sightOf(each, bridge);
    const take = (step: Step) => bridge.take(step).flatMap((taken) => suit(taken) ?? []);
    askAnew(each, take, (id, attr) => seen?.(id, attr) !== undefined);
    each.base = seq;
  }
}

/** Asks for something else in place of each step of a mutation; of an update that is to be merged, for edits. An undo tells something else. */
export function askAnew(
  pending: Pending,
  become: (step: Step) => readonly Step[],
  isMerged: (id: NodeId, attr: string) => boolean = () => true,
): void {
  const [left, asked]: [Step[], Step[]] = [[...(pending.asked ?? [])], []];
  const take = (isOf: (step: Step) => boolean): readonly Step[] => {
    const [first] = left;
    if (!first || !isOf(first)) return [];
    left.shift();
    const taken = become(first);
    asked.push(...taken);
    return taken;
  };
  pending.ops = pending.ops.flatMap((operation) => {
    if (operation.op === "update") return updatesOf(operation, take, isMerged);
    if (isUndo(operation)) {
      const { shown } = operation;
      const tell = (mutation?: number) => take(() => true).map((step) => ({ ...step, mutation }));
      return shown ? [{ ...operation, shown: shown.flatMap(({ mutation }) => tell(mutation)) }] : [operation];
    }
    if (!isOnText(operation)) return [operation];
    return take((step) => isStepOf(step, operation)).map((step) => operationOf(step, operation));
  });
  passReplaced(pending.asked ?? [], asked);
  pending.asked = asked;
}

function isStepOf(step: Step, operation: TextOperation): boolean {
  if (step.op !== operation.op || step.id !== operation.id || step.attr !== operation.attr) return false;
  return step.op !== "split" || operation.op !== "split" || step.node === operation.node.id;
}

/** A step as it is asked for; the row that it makes is that of the operation that it comes from. */
function operationOf(step: Step, made: TextOperation): Operation {
  if (step.op === "edit" || step.op === "mark") return step;
  const { id, attr } = step;
  if (step.op === "join") return { op: "join", id, into: step.into, attr };
  if (made.op !== "split") throw new Error(`nothing has asked for the row ${step.node}`);
  // Which part goes into the new row may be the other one by now.
  return { ...made, id, at: step.at, head: step.head };
}

/** An update, and what has become an edit of it. */
function updatesOf(
  update: Update,
  take: (isOf: (step: Step) => boolean) => readonly Step[],
  isMerged: (id: NodeId, attr: string) => boolean,
): Operation[] {
  const { id, attrs = {}, unset = [] } = update;
  const rest: Record<string, Json> = {};
  const edits: Operation[] = [];
  const isOf = (attr: string) => (step: Step) => step.op === "edit" && step.id === id && step.attr === attr;
  for (const [attr, value] of Object.entries(attrs)) {
    const isEdit = typeof value === "string" && isMerged(id, attr);
    const steps = take(isOf(attr));
    if (!isEdit) rest[attr] = value;
    else for (const step of steps) if (step.op === "edit") edits.push(step);
  }
  for (const attr of unset) take(isOf(attr));
  if (edits.length === 0) return [update];
  const { attrs: _, ...others } = update;
  const isLeft = Object.keys(rest).length > 0 || unset.length > 0 || update.type !== undefined;
  return [...(isLeft ? [{ ...others, ...(Object.keys(rest).length > 0 && { attrs: rest }) }] : []), ...edits];
}
