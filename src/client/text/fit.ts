import { type Changes, cutsPair, type EditStep, type Step } from "../../text/index.ts";
import { type Attrs, assertNever, type NodeData, type NodeId, type ReadStore, textIn } from "../../tree/index.ts";
import type { Pending } from "../pending.ts";
import { createRunning, type Running } from "./running.ts";
import { wholeChanges } from "./whole.ts";

/**
 * Steps as they can be done to texts: what goes past the end of one goes to its end. Where nobody knows what has happened to them since
 * they were asked for (`isKnown`) nothing is taken away, as that may be what others have written.
 */
export function fitTo(texts: Running, isKnown: boolean): (step: Step) => Step | null {
  return (asked) => {
    const step = isKnown || asked.op !== "edit" ? asked : { ...asked, changes: asked.changes.map(keeping) };
    const made = fitted(step, texts);
    if (made) texts.apply(made);
    return made;
  };
}

/** The texts of a tree, and of the rows that are pending. Of what is not in it, as it was removed, nothing is known but that it can be put into. */
export function textsIn(tree: ReadStore, all: readonly Pending[]): Running {
  const inserted = new Map<NodeId, Attrs>();
  const open = all.flatMap(({ ops }) => ops.flatMap((each): NodeData[] => (each.op === "insert" ? [each.node] : [])));
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.id !== undefined) inserted.set(node.id, node.attrs ?? {});
    for (const child of node.children ?? []) open.push(child);
  }
  return createRunning((id, attr) => textIn(tree.get(id)?.attrs ?? inserted.get(id) ?? {}, attr) ?? undefined);
}

const keeping = (change: number | string) => (typeof change === "string" ? change : Math.abs(change));

function fitted(step: Step, texts: Running): Step | null {
  const { id, attr } = step;
  const text = texts.get(id, attr);
  if (text === undefined) return step;
  const place = (at: number) => {
    const index = Math.min(at, text.length);
    return cutsPair(text, index) ? index + 1 : index;
  };
  switch (step.op) {
    case "edit":
      return nonEmpty({ ...step, changes: wholeChanges(upTo(step.changes, text.length), text) });
    case "split":
      return { ...step, at: place(step.at), length: text.length };
    case "join":
      return { ...step, at: texts.get(step.into, attr)?.length ?? step.at, length: text.length };
    case "mark": {
      const [from, to] = [place(step.from), place(step.to)];
      return from < to ? { ...step, from, to } : null;
    }
    default:
      return assertNever(step);
  }
}

const nonEmpty = (step: EditStep) => (step.changes.length > 0 ? step : null);

/** Changes that keep and take away no more than there is. */
function upTo(changes: Changes, length: number): Changes {
  let left = length;
  return changes.flatMap((change): (number | string)[] => {
    if (typeof change === "string" || change === 0) return [change];
    const units = Math.min(left, Math.abs(change));
    left -= units;
    return units === 0 ? [] : [change < 0 ? -units : units];
  });
}
