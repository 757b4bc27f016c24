import type { Difference } from "../../../src/client/difference.ts";
import type { Pending } from "../../../src/client/pending.ts";
import { createReplica } from "../../../src/client/replica.ts";
import { createMerging } from "../../../src/client/text/merging.ts";
import { createRecent } from "../../../src/client/text/recent.ts";
import { createRunning } from "../../../src/client/text/running.ts";
import type { Transaction } from "../../../src/client/transaction.ts";
import { createView } from "../../../src/client/view.ts";
import { createWriter } from "../../../src/client/writer.ts";
import type { TreeEvent } from "../../../src/protocol/index.ts";
import { type NodeData, type NodeRow, toData } from "../../../src/tree/index.ts";

/** A replica whose mutations wait to be taken, and that hears what it is told. */
export interface Author {
  readonly name: string;
  readonly pending: readonly Pending[];
  readonly seq: number;
  mutate(change: (tx: Transaction) => void): boolean;
  /** The next one that was not taken, which counts as sent now. */
  take(): Pending | undefined;
  hear(events: readonly TreeEvent[]): void;
  /** It was refused, or has changed nothing. */
  drop(mutation: number): void;
  load(seq: number, rows: readonly NodeRow[], answered: number): void;
  tree(): NodeData;
  text(id: string): string;
  /** Something of it was not shown when it made its last mutation. */
  readonly isAdrift: boolean;
  /** What was told as steps, and does not lead to what is seen. */
  readonly wrong: string[];
}

export function createAuthor(name: string, rows: readonly NodeRow[]): Author {
  const merging = createMerging(name, createRecent());
  let ids = 0;
  const replica = createReplica(name, () => `${name}${++ids}`);
  const wrong: string[] = [];
  replica.merge(merging);
  replica.load("life", 0, rows);
  const textsNow = () => {
    const texts = new Map<string, string>();
    const tree = replica.tree;
    if (tree) collect(toData(tree, "root"), texts);
    return texts;
  };
  /** Steps lead from what was seen to what is seen. */
  const check = (before: Map<string, string>, { steps = [] }: Difference, why: string) => {
    if (isHidden || isAnyHidden()) return;
    const running = createRunning((id) => before.get(id));
    for (const step of steps) running.apply(step);
    for (const [id, text] of textsNow()) {
      const told = running.get(id, "text");
      // Where text came from a row that was not seen.
      if (before.has(id) && told !== undefined && told !== text)
        wrong.push(`${why}: ${id} is ${text}, not ${told} from ${before.get(id)} by ${JSON.stringify(steps)}`);
    }
  };
  let before = textsNow();
  /**
   * What of it is refused, as it is seen now, is not shown, and the smallest edit told. What is made then was not made behind that, which the
   * object may accept all the same.
   */
  let isHidden = false;
  const look = () => {
    before = textsNow();
    isHidden = replica.pending.length > 0 && (isHidden || isAnyHidden());
  };
  const isAnyHidden = () => replica.pending.some(({ step }) => step.effects.length === 0);
  const reader = () => createView(() => replica.tree);
  const writer = createWriter({
    replica,
    view: {
      root: undefined,
      get: (id) => reader().get(id),
      children: (id) => reader().children(id),
      parent: (id) => reader().parent(id),
    },
    counter: () => 0,
    pushed: (_, changed) => check(before, changed, "made"),
    unchanged: () => ({ seq: 0, time: 0, client: name, mutation: null, userId: null, ops: [] }),
    refused: (error) => {
      throw error;
    },
  });
  return {
    name,
    wrong,
    get pending() {
      return replica.pending;
    },
    get seq() {
      return replica.seq;
    },
    get isAdrift() {
      return isHidden;
    },
    mutate(change) {
      look();
      const { length } = replica.pending;
      writer.mutate(change, undefined);
      return replica.pending.length > length;
    },
    take() {
      const next = replica.pending.find((each) => !each.sent);
      if (next) next.sent = true;
      return next;
    },
    hear(events) {
      look();
      const heard = replica.hear(events);
      if (!heard) throw new Error("it lacks what comes back");
      if (heard.changed.steps || heard.news.length > heard.answered.length) check(before, heard.changed, "heard");
    },
    drop: (mutation) => void replica.drop(name, mutation),
    load: (seq, tree, answered) => void replica.load("life", seq, tree, answered),
    tree: () => (replica.tree ? toData(replica.tree, "root") : { type: "" }),
    text: (id) => textsNow().get(id) ?? "",
  };
}

function collect({ id = "", attrs = {}, children = [] }: NodeData, texts: Map<string, string>): void {
  if (typeof attrs.text === "string") texts.set(id, attrs.text);
  for (const child of children) collect(child, texts);
}
