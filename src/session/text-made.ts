import type { TextEvent } from "../storage.ts";
import { type Author, type Changes, growth, nodesOf, type Step as TextStep } from "../text/index.ts";
import { type NodeId, namesAttr } from "../tree/index.ts";

/** What an event has made of one text. */
export interface Made {
  readonly seq: number;
  /** Its client, or somebody who is met once. */
  readonly author: Author;
  /** What its author had seen; null where it is not told what that has made of it: it has replaced the text, or was to split it. */
  readonly base: number | null;
  /** What its author has asked for, of the text that it saw. */
  readonly asked: readonly Changes[];
  /** What came of it. */
  readonly done: readonly Changes[];
  /** The units by which the text has become longer. */
  readonly grown: number;
}

/** Null where it has changed nothing there, and `unknown` where there is more to it than edits. */
export function madeOf(event: TextEvent, id: NodeId, attr: string): Made | "unknown" | null {
  const { seq, client, steps, asked, isOwn, isBack, inverse } = event;
  const isOf = (step: TextStep) => step.op !== "mark" && step.attr === attr && nodesOf(step).includes(id);
  const found = steps.filter(isOf);
  const wanted = isOwn && asked?.steps ? asked.steps.filter(isOf) : found;
  if (found.length === 0 && wanted.length === 0) return null;
  const done = changesOf(found);
  if (!done) return "unknown";
  const isReplaced = inverse.some((each) => each.op === "update" && each.id === id && namesAttr(each, attr));
  // Of what its author has seen of it that takes back others, something else may have come; who has seen nothing has it seen when it has come.
  const own = isReplaced || (isBack && isOwn) ? null : changesOf(wanted);
  const author = isOwn && client !== null ? client : {};
  const base = own ? ((isOwn ? asked?.base : undefined) ?? seq - 1) : null;
  return { seq, author, base, asked: own ?? [], done, grown: done.reduce((sum, each) => sum + growth(each), 0) };
}

/** Null where some of it is no edit as any other. */
function changesOf(steps: readonly TextStep[]): readonly Changes[] | null {
  const all: Changes[] = [];
  for (const step of steps) {
    if (step.op !== "edit" || step.whole) return null;
    all.push(step.changes);
  }
  return all;
}
