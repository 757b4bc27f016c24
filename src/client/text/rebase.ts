import { difference, keyOf, type LongBridge, nodesOf, type Step } from "../../text/index.ts";
import { type NodeId, type ReadStore, textIn } from "../../tree/index.ts";
import type { Pending } from "../pending.ts";
import { fitTo, textsIn } from "./fit.ts";
import { moveUp } from "./move-up.ts";
import { createRunning } from "./running.ts";
import { shown } from "./shown.ts";

interface Replacement {
  readonly old: ReadStore;
  readonly now: ReadStore;
  /** That of the new tree. */
  readonly seq: number;
  /** What is pending: in the new tree already, and what is not. */
  readonly contained: readonly Pending[];
  readonly open: readonly Pending[];
}

/**
 * A tree takes the place of another one, and nobody tells what has happened in between: the smallest edit between the two texts stands for
 * it. What is pending and edits texts goes behind that, and has seen the new tree from then on. Gives back what the first
 * of them has not seen.
 */
export function rebase(bridge: LongBridge, { old, now, seq, contained, open }: Replacement): LongBridge {
  const running = createRunning((id, attr) => textOf(old, id, attr));
  const missed: Step[] = [];
  for (const { step: made, asked = [] } of contained) {
    // The new tree has it, so the difference must not.
    for (const step of shown(made)) running.apply(step);
    for (const step of asked) bridge.take(step);
  }
  for (const [id, attr] of textsOf(open)) {
    const [before, after] = [running.get(id, attr), textOf(now, id, attr)];
    const changes = before === undefined || after === undefined ? [] : difference(before, after);
    if (changes.length > 0) missed.push({ op: "edit", id, attr, changes });
  }
  bridge.add(seq, missed);
  const first = bridge.copy();
  moveUp(bridge, seq, open, fitTo(textsIn(now, open), true));
  return first;
}

function textOf(tree: ReadStore, id: NodeId, attr: string): string | undefined {
  const node = tree.get(id);
  return node && (textIn(node.attrs, attr) ?? undefined);
}

/** The texts that mutations ask something of. */
function textsOf(all: readonly Pending[]): Iterable<readonly [id: NodeId, attr: string]> {
  const texts = new Map<string, readonly [NodeId, string]>();
  for (const step of all.flatMap(({ asked = [] }) => asked)) {
    for (const id of nodesOf(step)) texts.set(keyOf(id, step.attr), [id, step.attr]);
  }
  return texts.values();
}
